/** One errand: a lab, an experiment on it from submission to report, and the end of the lab. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { openChildLab } from './child-lab.js';
import { readConfig } from './config.js';
import { linkDatasets } from './link-datasets.js';

const CLI = fileURLToPath(new URL('../../cli/dist/main.js', import.meta.url));

export interface Study {
  /** As the command line takes it: a path, `-` or `preset:<name>`. */
  readonly specification: string;
  /** Folder of the results. */
  readonly out: string;
  /** Where relative paths start. */
  readonly directory: string;
  /** Data sets by name, beside those of the lab's own folder. */
  readonly datasets: ReadonlyMap<string, string>;
}

/** The study cannot be made; the message is for the user. */
export class StudyError extends Error {
  constructor(
    message: string,
    readonly exitCode: number,
  ) {
    super(message);
  }
}

/** There is no study: somebody asked how to make one. */
export class HelpAsked extends Error {}

/**
 * Makes the study that `read` gives and ends the process: with the command line's exit code, after a signal with the code a shell would
 * report, and with a sentence and 1 when there is no lab. The lab is the one that lives on the data directory, or one of its own.
 */
export async function runStudy(read: () => Study): Promise<never> {
  const stopped = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopped.abort(signal));
  try {
    process.exit(await made(read(), stopped.signal));
  } catch (error) {
    if (error instanceof HelpAsked) {
      process.stdout.write(`${error.message}\n`);
      process.exit(0);
    }
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(error instanceof StudyError ? error.exitCode : 1);
  }
}

async function made(study: Study, stopped: AbortSignal): Promise<number> {
  const { dataDirectory, datasetsDirectory, environment } = readConfig();
  const linked = await linkDatasets(study.datasets, study.directory, datasetsDirectory);
  try {
    const folder = linked === undefined ? {} : { AIRMETA_DATASETS_DIR: linked.folder };
    const lab = await openChildLab(dataDirectory, { ...environment, ...folder }, stopped);
    try {
      if (linked !== undefined && !lab.own) {
        throw new StudyError(
          `a lab is running on ${dataDirectory} already and looks for data sets in its own folder: stop it, or set AIRMETA_DATA_DIR`,
          1,
        );
      }
      return await runCli(study, { ...environment, AIRMETA_URL: lab.url }, stopped);
    } finally {
      await lab.stop();
    }
  } finally {
    await linked?.remove();
  }
}

/** Runs the CLI in this terminal; resolves with its exit code, after a signal with the code a shell would report. */
async function runCli({ specification, out, directory }: Study, environment: NodeJS.ProcessEnv, stopped: AbortSignal): Promise<number> {
  if (stopped.aborted) return 128 + constants.signals.SIGINT;
  const args = ['submit', specification, '--watch', '--report', out];
  const cli = spawn(process.execPath, [path.resolve(CLI), ...args], { cwd: directory, env: environment, stdio: 'inherit' });
  stopped.addEventListener('abort', () => {
    const signal = stopped.reason as NodeJS.Signals;
    if (signal !== 'SIGINT' || !process.stdin.isTTY) cli.kill(signal); // a terminal's Ctrl-C has reached it already
  });
  const [code, signal] = (await once(cli, 'exit')) as [number | null, NodeJS.Signals | null];
  return signal === null ? (code ?? 1) : 128 + constants.signals[signal];
}
