import type { ReactNode } from 'react';
import { ErrorBoundary } from 'react-error-boundary';
import { ProblemNotice } from './problem-notice.js';

interface PageBoundaryProps {
  /** Which page it is: another one is tried. */
  readonly page: string;
  readonly children: ReactNode;
}

/** A page whose program fails says so, and leaves the others to go to. */
export function PageBoundary({ page, children }: PageBoundaryProps) {
  return (
    <ErrorBoundary
      resetKeys={[page]}
      fallbackRender={({ error, resetErrorBoundary }) => (
        <>
          <h1>This page has failed</h1>
          <ProblemNotice error={error} onRetry={resetErrorBoundary} />
        </>
      )}
    >
      {children}
    </ErrorBoundary>
  );
}
