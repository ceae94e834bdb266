import { RefusedError, UnreachableError } from '@airmeta/client';

interface ProblemNoticeProps {
  readonly error: unknown;
  readonly onRetry?: () => void;
}

function titleOf(error: unknown): string {
  if (error instanceof RefusedError) return error.problem.title;
  if (error instanceof UnreachableError) return 'The lab does not answer';
  return 'This did not work';
}

/** What went wrong, in the server's words: a single fault is in its sentence, several are listed. */
export function ProblemNotice({ error, onRetry }: ProblemNoticeProps) {
  const faults = error instanceof RefusedError ? (error.problem.faults ?? []) : [];
  const requestId = error instanceof RefusedError ? error.problem.requestId : undefined;
  return (
    <div className="problem" role="alert">
      <strong>{titleOf(error)}</strong>
      <p>{error instanceof Error ? error.message : String(error)}</p>
      {faults.length > 1 && (
        <ul>
          {faults.map(({ pointer, message }, index) => (
            <li key={index}>
              <code>{pointer === '' ? 'the whole' : pointer}</code> {message}
            </li>
          ))}
        </ul>
      )}
      {requestId !== undefined && <p className="faint">request {requestId}</p>}
      {onRetry && (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}
