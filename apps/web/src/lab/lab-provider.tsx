import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo, useState, type ReactNode } from 'react';
import { LabClient, RefusedError } from '@airmeta/client';
import { Loading } from '../elements/loading.js';
import { ProblemNotice } from '../elements/problem-notice.js';
import { LabContext } from './lab-context.js';
import { forgetToken, storedToken, storeToken } from './session.js';
import { SignIn } from './sign-in.js';

/** The server may stand below a path: these pages lie where it does. */
const labUrl = () => new URL('.', window.location.href).href;

function isUnknownCaller(error: unknown): boolean {
  return error instanceof RefusedError && error.problem.status === 401;
}

/** Asks the lab who looks at its pages, and whoever it does not know to sign in. */
export function LabProvider({ children }: { readonly children: ReactNode }) {
  const [token, setToken] = useState(storedToken);
  const queries = useQueryClient();
  const client = useMemo(() => new LabClient(labUrl(), token), [token]);
  const { data: caller, error, refetch } = useQuery({ queryKey: ['whoami', token], queryFn: () => client.whoami(), staleTime: Infinity });

  const signOut = useCallback(() => {
    forgetToken();
    setToken(undefined);
    queries.clear(); // what one member saw is not for the next
  }, [queries]);

  const lab = useMemo(() => caller && { client, caller, signOut: caller.auth === 'on' ? signOut : undefined }, [client, caller, signOut]);

  if (lab) return <LabContext value={lab}>{children}</LabContext>;
  if (isUnknownCaller(error)) {
    const signIn = (given: string, remember: boolean) => {
      storeToken(given, remember);
      setToken(given);
    };
    return <SignIn refused={token === undefined ? undefined : error} onToken={signIn} />;
  }
  if (error) {
    return (
      <main className="narrow">
        <ProblemNotice error={error} onRetry={() => void refetch()} />
      </main>
    );
  }
  return <Loading what="the lab" />;
}
