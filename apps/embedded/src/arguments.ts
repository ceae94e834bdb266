import { parseArgs } from 'node:util';

/** What `npm start -- --help` prints. */
export const HELP = `usage: npm start

Starts the lab: PostgreSQL, the server with its dashboard, and workers. Ctrl-C stops all of them.
The environment says how:

  PORT, HOST             where the server listens (3000, 127.0.0.1)
  AIRMETA_AUTH           on or off: whether callers must say who they are (off on this machine, on elsewhere)
  AIRMETA_DATA_DIR       folder of everything the lab keeps (.airmeta)
  AIRMETA_WORKERS        worker processes (as many as there are cores)
  AIRMETA_DATASETS_DIR   folder of data sets, one sub-folder each (datasets)
  AIRMETA_LOG_LEVEL      fatal, error, warn, info, debug, trace or silent (info)
  DATABASE_URL           an outside PostgreSQL instead of the lab's own, such as postgresql://user:password@host:5432/airmeta
  REDIS_URL              moves the queue from PostgreSQL to Redis, such as redis://:password@host:6379

  AIRMETA_AUTH=on PORT=8080 npm start

docs/running-a-lab.md says more. The command line of a lab that runs: ./airmeta --help`;

/** What a shell expects of wrong arguments. */
const BAD_INPUT = 2;

/** What to say instead of starting a lab, if anything. */
export interface Arguments {
  readonly exit?: { readonly code: number; readonly text: string };
}

/** Reads the command line: a lab is set up by its environment, so there is nothing to give but a question for help. */
export function readArguments(given: readonly string[]): Arguments {
  try {
    const { values } = parseArgs({ args: [...given], options: { help: { type: 'boolean', short: 'h' } } });
    return values.help ? { exit: { code: 0, text: HELP } } : {};
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split(/\. |\n/);
    return { exit: { code: BAD_INPUT, text: `${reason}: no lab was started; npm start -- --help says what there is to set` } };
  }
}
