/** From nothing to the trade-off figure: starts a lab, submits the example and watches it, stops the lab. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { openChildLab } from './child-lab.js';
import { readConfig } from './config.js';

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url));
const CLI = path.join(PROJECT, 'apps/cli/dist/main.js');
const SUBMIT = ['submit', 'examples/quickstart.yaml', '--watch', '--svg', 'out/quickstart.svg', '--csv', 'out/quickstart.csv'];

const stopped = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopped.abort(signal));

try {
  process.exit(await quickstart());
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

async function quickstart(): Promise<number> {
  const { dataDirectory, environment } = readConfig();
  const lab = await openChildLab(dataDirectory, environment, stopped.signal);
  try {
    return await runCli({ ...environment, AIRMETA_URL: lab.url });
  } finally {
    await lab.stop();
  }
}

/** Runs the CLI in this terminal; resolves with its exit code, after a signal with the code a shell would report. */
async function runCli(environment: NodeJS.ProcessEnv): Promise<number> {
  if (stopped.signal.aborted) return 128 + constants.signals.SIGINT;
  const cli = spawn(process.execPath, [CLI, ...SUBMIT], { cwd: PROJECT, env: environment, stdio: 'inherit' });
  stopped.signal.addEventListener('abort', () => {
    const signal = stopped.signal.reason as NodeJS.Signals;
    if (signal !== 'SIGINT' || !process.stdin.isTTY) cli.kill(signal); // a terminal's Ctrl-C has reached it already
  });
  const [code, signal] = (await once(cli, 'exit')) as [number | null, NodeJS.Signals | null];
  return signal === null ? (code ?? 1) : 128 + constants.signals[signal];
}
