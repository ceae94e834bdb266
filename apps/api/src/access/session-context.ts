/**
 * Who asks, for as long as a request is served. It is carried beside the calls, not through them, so that a route or
 * field that forgets to pass it on sees nothing instead of everything.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Caller, Session, UnmadeChange } from '@airmeta/lab';
import type { Persistence } from '@airmeta/persistence';
import { UnauthenticatedError } from '../edge/problem.js';

/** A change that a request asks for. */
type Change = Omit<UnmadeChange, 'outcome'>;

/** A request: of somebody, or of a stranger. */
interface RequestSession {
  readonly caller: Caller | undefined;
  readonly requestId: string;
  readonly trace?: string;
  change?: Change;
}

const sessions = new AsyncLocalStorage<RequestSession>();

export function withSession<T>(session: Omit<RequestSession, 'change'>, work: () => T): T {
  return sessions.run({ ...session }, work);
}

/** Notes what the current request is about to change. */
export function beginChange(change: Change): void {
  const session = sessions.getStore();
  if (session) session.change = change;
}

export function changeUnderWay(): Change | undefined {
  return sessions.getStore()?.change;
}

/** Undefined for a stranger, and outside of any request. */
export function currentCaller(): Caller | undefined {
  return sessions.getStore()?.caller;
}

/** Undefined outside of any request. */
export function currentRequestId(): string | undefined {
  return sessions.getStore()?.requestId;
}

/** @throws UnauthenticatedError for a stranger, and outside of any request */
export function currentSession(): Session {
  const session = sessions.getStore();
  if (session?.caller === undefined) throw new UnauthenticatedError('missing');
  const { caller, requestId, trace } = session;
  return { caller, requestId, ...(trace === undefined ? {} : { trace }) };
}

/** Persistence as the caller of the current request sees it: experiments that the caller may not see are not there. */
export function sessionPersistence(whole: Persistence): Persistence {
  return {
    ...whole,
    get experiments() {
      return whole.experimentsOf(currentSession());
    },
    events: {
      eventsAfter: async (experimentId, sequence, limit) => {
        const seen = await whole.experimentsOf(currentSession()).find(experimentId);
        return seen ? whole.events.eventsAfter(experimentId, sequence, limit) : [];
      },
    },
  };
}
