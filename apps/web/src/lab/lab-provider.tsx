import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { LabClient } from '@airmeta/client';
import { Loading } from '../elements/loading.js';
import { ProblemNotice } from '../elements/problem-notice.js';
import { LabContext } from './lab-context.js';
import { CALLER_KEY, isUnknownCaller } from './queries.js';
import { forgetAll } from './kept-data.js';
import { onOtherReader, storedToken, storeToken } from './session.js';
import { SignIn } from './sign-in.js';

/** The server may stand below a path: these pages lie where it does. */
const labUrl = () => new URL('.', window.location.href).href;

/** What its member may do can change; it is asked for again when the page is looked at after this long. */
const RIGHTS_MS = 60_000;

/** A new page for a new reader: nothing that one member saw, or has just asked for, is there for the next. */
function signIn(token: string, remember: boolean): void {
  storeToken(token, remember);
  window.location.reload();
}

function signOut(): void {
  forgetAll();
  window.location.hash = '';
  window.location.reload();
}

/** What another tab has done is done here too. A draft stays for its member, and goes when it was to sign out. */
function followReader(): void {
  if (storedToken() === undefined) forgetAll();
  window.location.reload();
}

/** Asks the lab who looks at its pages, and whoever it does not know to sign in. */
export function LabProvider({ children }: { readonly children: ReactNode }) {
  const [token] = useState(storedToken);
  const client = useMemo(() => new LabClient(labUrl(), token), [token]);
  const {
    data: caller,
    error,
    refetch,
  } = useQuery({ queryKey: [...CALLER_KEY, token], queryFn: () => client.whoami(), staleTime: RIGHTS_MS });

  useEffect(() => onOtherReader(followReader), []);

  const lab = useMemo(() => caller && { client, caller, signOut: caller.auth === 'on' ? signOut : undefined }, [client, caller]);

  if (isUnknownCaller(error)) return <SignIn refused={token === undefined ? undefined : error} onToken={signIn} />;
  if (lab) return <LabContext value={lab}>{children}</LabContext>;
  if (error) {
    return (
      <main className="narrow">
        <ProblemNotice error={error} onRetry={() => void refetch()} />
        {token !== undefined && (
          <button type="button" onClick={signOut}>
            Sign in with another token
          </button>
        )}
      </main>
    );
  }
  return <Loading what="the lab" />;
}
