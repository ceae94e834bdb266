/** How these pages ask the lab: what is tried again, and what becomes of somebody the lab does not know any more, or lets do less. */
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { isPassing, RefusedError } from '@airmeta/client';

/** Of the question who looks at these pages. */
export const CALLER_KEY = ['whoami'];

const MOST_TRIES = 3;
const FRESH_MS = 2_000;

export function isUnknownCaller(error: unknown): boolean {
  return error instanceof RefusedError && error.problem.status === 401;
}

function isForbidden(error: unknown): boolean {
  return error instanceof RefusedError && error.problem.status === 403;
}

export function createQueries(): QueryClient {
  /** A token that was revoked or has expired, and a role that was taken away, are noticed by whatever is asked next. */
  const onError = (error: unknown) => {
    if (isUnknownCaller(error) || isForbidden(error)) void queries.invalidateQueries({ queryKey: CALLER_KEY });
  };
  const queries = new QueryClient({
    queryCache: new QueryCache({ onError: (error, { queryKey }) => (queryKey[0] === CALLER_KEY[0] ? undefined : onError(error)) }),
    mutationCache: new MutationCache({ onError }),
    // The lab may be on this machine: what a browser thinks of the network says nothing about it.
    defaultOptions: {
      mutations: { networkMode: 'always' },
      queries: { networkMode: 'always', retry: (failures, error) => failures < MOST_TRIES && isPassing(error), staleTime: FRESH_MS },
    },
  });
  return queries;
}
