/** A service process from its first line to its last. */
import { inspect } from 'node:util';
import type { Logger } from 'pino';
import { hideSecrets } from './hide-secrets.js';
import { listenForStop } from './listen-for-stop.js';
import { ConfigError } from './service-environment.js';

/** A service that is up. */
export interface RunningService {
  readonly log: Logger;
  /** Finishes what must be finished and closes everything. */
  readonly close: () => Promise<void>;
}

/** Supervisors kill after 30 s; whoever is not done a little before says so instead. */
const STOP_WITHIN_MS = 25_000;

/**
 * Starts a service and stops it when asked, within a bound; a start that fails ends the process with a sentence and code 1.
 * @param name what the service calls itself in messages
 * @param stopWithinMs how long closing may take; the process then ends with code 1
 */
export function runService(name: string, start: () => Promise<RunningService>, stopWithinMs = STOP_WITHIN_MS): void {
  const listener = listenForStop();
  start().then(
    ({ log, close }) =>
      listener.onStop((why) => {
        log.info(`stopping: ${why}`);
        setTimeout(() => {
          log.error(`did not stop within ${stopWithinMs / 1_000} s: ends now; what it had under way is taken up by others`);
          process.exit(1);
        }, stopWithinMs);
        close().then(
          () => process.exit(0),
          (error: unknown) => {
            log.error({ err: error }, 'did not stop cleanly');
            process.exit(1);
          },
        );
      }),
    (error: unknown) => {
      console.error(hideSecrets(`airmeta ${name} could not start: ${sentenceOf(error)}`));
      process.exit(1);
    },
  );
}

/** What a socket or a database that cannot be reached is called. */
const UNREACHABLE = /^(E[A-Z_]+|database-unavailable)$/;

/** One sentence for what an operator can mend; anything else is a bug and is shown whole. */
function sentenceOf(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return inspect(error);
  const sentence = error.message || error.code;
  return UNREACHABLE.test(error.code) ? `${sentence}; are DATABASE_URL and REDIS_URL right?` : sentence;
}
