/** The embedded lab: one command, one process tree, no service needed. */
import { fileURLToPath } from 'node:url';

import { readArguments } from './arguments.js';
import { ConfigError, readConfig, type Config } from './config.js';
import { Lab } from './lab.js';
import { createLog } from './log.js';
import { prepareLab } from './prepare-lab.js';

const ENTRIES = {
  apiEntry: fileURLToPath(new URL('../../api/dist/main.js', import.meta.url)),
  workerEntry: fileURLToPath(new URL('../../worker/dist/main.js', import.meta.url)),
};

/** Ctrl-C in a terminal, `kill`, and a terminal that was closed. */
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What a shell reports for a program that Ctrl-C has ended. */
const KILLED = 130;

/** npm passes Ctrl-C on to a program that the terminal has told already; two orders this close are one. */
const ECHO_MS = 500;

const { exit } = readArguments(process.argv.slice(2));
if (exit !== undefined) {
  (exit.code === 0 ? process.stdout : process.stderr).write(`${exit.text}\n`);
  process.exit(exit.code);
}

let stopping = false;
let stoppingSince = 0;

const config = configOrExit();
const log = createLog(config.logLevel, (line) => process.stdout.write(line));
const lab = new Lab(config, { ...ENTRIES, migrate: (databaseUrl) => prepareLab(databaseUrl, config) }, log);

process.stdout.on('error', () => undefined); // whoever read along has gone; that is no reason to stop
process.on('exit', () => lab.kill());
for (const signal of STOP_SIGNALS) process.on(signal, () => void stop());
process.on('disconnect', () => void stop()); // started by another program (quickstart), which has died
process.on('uncaughtException', (error) => {
  log.fatal({ err: error }, 'the supervisor failed');
  log.debug(error.stack ?? '');
  process.exit(1);
});

try {
  const description = await lab.start();
  process.send?.(description);
  log.info(`the lab is ready on ${description.url} - Ctrl-C stops it`);
} catch (error) {
  if (!stopping) {
    log.error(error instanceof Error ? error.message : String(error));
    await lab.stop();
    process.exit(1);
  }
}

/** The first order stops in peace, the second one at once. */
async function stop(): Promise<void> {
  if (stopping) {
    if (performance.now() - stoppingSince >= ECHO_MS) process.exit(KILLED);
    return;
  }
  stopping = true;
  stoppingSince = performance.now();
  log.info('stopping the lab; Ctrl-C again ends it at once');
  await lab.stop();
  log.info('the lab has stopped');
  process.exit(0);
}

function configOrExit(): Config {
  try {
    return readConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
