import type { AccessStore } from '@airmeta/lab';
import type { Logger } from 'pino';
import { problemOf } from '../edge/problem.js';
import { changeUnderWay, currentCaller, currentRequestId, currentSession } from './session-context.js';

/**
 * Logs that the change of the current request, if it is one, ended with an error. Those that were made are logged by the
 * store, in their transaction; strangers change nothing and fill no log. Does not fail: the error itself matters more to the caller.
 */
export async function recordUnmadeChange(error: unknown, access: AccessStore, log: Logger): Promise<void> {
  const change = changeUnderWay();
  if (change === undefined || currentCaller() === undefined) return;
  const outcome = problemOf(error).status < 500 ? 'refused' : 'failed';
  try {
    await access.recordUnmade(currentSession(), { ...change, outcome });
  } catch (fault) {
    log.error({ err: fault, requestId: currentRequestId(), ...change, outcome }, 'the audit log could not be written');
  }
}
