import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo, useState, type ReactNode } from 'react';
import { LabClient } from '@airmeta/client';
import { Loading } from '../elements/loading.js';
import { ProblemNotice } from '../elements/problem-notice.js';
import { LabContext } from './lab-context.js';
import { CALLER_KEY, isUnknownCaller } from './queries.js';
import { forgetToken, storedToken, storeToken } from './session.js';
import { SignIn } from './sign-in.js';

/** The server may stand below a path: these pages lie where it does. */
const labUrl = () => new URL('.', window.location.href).href;

/** Asks the lab who looks at its pages, and whoever it does not know to sign in. */
export function LabProvider({ children }: { readonly children: ReactNode }) {
  const [token, setToken] = useState(storedToken);
  const queries = useQueryClient();
  const client = useMemo(() => new LabClient(labUrl(), token), [token]);
  const {
    data: caller,
    error,
    refetch,
  } = useQuery({ queryKey: [...CALLER_KEY, token], queryFn: () => client.whoami(), staleTime: Infinity });

  /** What one member saw is not for the next. */
  const change = useCallback(
    (next: string | undefined) => {
      queries.clear();
      setToken(next);
    },
    [queries],
  );
  const signOut = useCallback(() => {
    forgetToken();
    change(undefined);
  }, [change]);

  const lab = useMemo(() => caller && { client, caller, signOut: caller.auth === 'on' ? signOut : undefined }, [client, caller, signOut]);

  if (isUnknownCaller(error)) {
    const signIn = (given: string, remember: boolean) => {
      storeToken(given, remember);
      change(given);
    };
    return <SignIn refused={token === undefined ? undefined : error} onToken={signIn} />;
  }
  if (lab) return <LabContext value={lab}>{children}</LabContext>;
  if (error) {
    return (
      <main className="narrow">
        <ProblemNotice error={error} onRetry={() => void refetch()} />
      </main>
    );
  }
  return <Loading what="the lab" />;
}
