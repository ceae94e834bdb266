import { eventually } from './backoff.js';
import { describeEnd, type ProcessEnd, type SupervisedProcess } from './supervised-process.js';

const READY_TIMEOUT_MS = 60_000;

/** What an API answers that can be read, and stores nothing: whoever makes room may need it for that. */
const STORAGE_FULL = 'urn:airmeta:problem:storage-full';

/**
 * Starts the API and resolves when it says that it is ready, or would be with room on its disk.
 *
 * @throws Error with a sentence for the user when the process ends before, or takes too long
 */
export async function startUntilReady(api: SupervisedProcess, url: string, giveUp: AbortSignal): Promise<void> {
  const ended = new AbortController();
  const onFailed = (end: ProcessEnd): void =>
    ended.abort(new Error(`the API ended before it was ready (${describeEnd(end)}); its last words are above`));
  api.once('failed', onFailed);
  const signal = AbortSignal.any([giveUp, ended.signal]);
  try {
    api.start();
    if (await eventually(() => answers(`${url}/health/ready`, signal), { initialMs: 50, maxMs: 500 }, READY_TIMEOUT_MS, signal)) return;
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    api.off('failed', onFailed);
  }
  throw new Error(`the API did not become ready within ${READY_TIMEOUT_MS / 1000} s`);
}

/** The address at which an API that listens on `host` answers on this machine. */
export function localUrl(host: string, port: number): string {
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}

async function answers(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(5_000)]) });
    const answer = await response.text();
    return response.status === 200 || answer.includes(STORAGE_FULL);
  } catch {
    return false;
  }
}
