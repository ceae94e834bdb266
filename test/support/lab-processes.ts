/** The lab's own programs, as real processes on a test's database; they die with the test. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { WORKER_FLAGS } from '@airmeta/service';
import { PROJECT } from './project.js';

export interface LabProcess {
  readonly pid: number;
  /** Graceful: SIGTERM. Resolves with the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Everything it has said, for a failing test's message. */
  output(): string;
}

export interface LabSettings {
  readonly databaseUrl: string;
  readonly redisUrl?: string;
  readonly datasetsDirectory?: string;
  /** More variables. */
  readonly environment?: Readonly<Record<string, string>>;
}

interface LogLine {
  readonly msg?: string;
}

/** Starts a program and waits for the first log line that says `ready`. */
async function start(
  entry: string,
  environment: Record<string, string>,
  ready: (message: string) => boolean,
  flags: readonly string[] = [],
): Promise<{ process: LabProcess; line: string }> {
  const child: ChildProcess = spawn(process.execPath, [...flags, join(PROJECT, entry)], {
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const said: string[] = [];
  const ended = once(child, 'close'); // its last lines have been read then
  const line = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface(stream).on('line', (text) => {
        said.push(text);
        const message = messageOf(text);
        if (ready(message)) resolve(message);
      });
    }
    child.once('exit', (code) => reject(new Error(`${entry} ended with ${code} before it was ready:\n${said.join('\n')}`)));
  });
  return {
    line,
    process: {
      pid: child.pid ?? 0,
      async stop() {
        if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
        await ended;
        return child.exitCode;
      },
      async kill() {
        child.kill('SIGKILL');
        await ended;
      },
      output: () => said.join('\n'),
    },
  };
}

function messageOf(text: string): string {
  try {
    return (JSON.parse(text) as LogLine).msg ?? '';
  } catch {
    return text;
  }
}

function environmentOf({ databaseUrl, redisUrl, datasetsDirectory, environment }: LabSettings): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl,
    ...(redisUrl ? { REDIS_URL: redisUrl } : {}),
    ...(datasetsDirectory ? { AIRMETA_DATASETS_DIR: datasetsDirectory } : {}),
    AIRMETA_IMAGE_CACHE_MB: '0', // what a test decodes is of no use to others
    ...environment,
  };
}

export async function startApi(settings: LabSettings): Promise<LabProcess & { readonly url: string }> {
  const { process: api, line } = await start('apps/api/dist/main.js', { PORT: '0', ...environmentOf(settings) }, (message) =>
    message.startsWith('listening on '),
  );
  return { ...api, url: line.slice('listening on '.length) };
}

export async function startWorker(settings: LabSettings): Promise<LabProcess> {
  const ready = (message: string) => message.startsWith('ready: ');
  return (await start('apps/worker/dist/main.js', environmentOf(settings), ready, WORKER_FLAGS)).process;
}
