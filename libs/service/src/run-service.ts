/** A service process from its first line to its last. */
import type { Logger } from 'pino';
import { listenForStop } from './listen-for-stop.js';
import { ConfigError } from './service-environment.js';

/** A service that is up. */
export interface RunningService {
  readonly log: Logger;
  /** Finishes what must be finished and closes everything. */
  readonly close: () => Promise<void>;
}

/**
 * Starts a service and stops it when asked; a start that fails ends the process with a sentence and code 1.
 * @param name what the service calls itself in messages
 */
export function runService(name: string, start: () => Promise<RunningService>): void {
  const listener = listenForStop();
  start().then(
    ({ log, close }) =>
      listener.onStop((why) => {
        log.info(`stopping: ${why}`);
        close().then(
          () => process.exit(0),
          (error: unknown) => {
            log.error({ err: error }, 'did not stop cleanly');
            process.exit(1);
          },
        );
      }),
    (error: unknown) => {
      console.error(`airmeta ${name} could not start:`, sentenceOf(error));
      process.exit(1);
    },
  );
}

/** One sentence for what an operator can mend; anything else is a bug and is shown whole. */
function sentenceOf(error: unknown): unknown {
  if (error instanceof ConfigError) return error.message;
  const coded = error instanceof Error && 'code' in error && typeof error.code === 'string';
  return coded ? `${error.message || String(error.code)}; are DATABASE_URL and REDIS_URL right?` : error;
}
