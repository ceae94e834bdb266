import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { readLabFile } from './lab-file.js';
import { labHolder } from './lab-lock.js';

const ENTRY = fileURLToPath(new URL('./main.js', import.meta.url));

/** Lines of the lab's output that are shown when it does not start. */
const LAST_WORDS = 20;

export interface OpenLab {
  readonly url: string;
  /** Whether it was started for this errand. */
  readonly own: boolean;
  stop(): Promise<void>;
}

/**
 * A lab for one errand: the one that lives on the data directory, which is left running afterwards, or one of our own
 * in a child process, on a free port unless PORT is set. What it says goes to `<dataDirectory>/lab.log`.
 *
 * @throws Error with the lab's last words when it does not start
 */
export async function openChildLab(dataDirectory: string, environment: NodeJS.ProcessEnv, signal: AbortSignal): Promise<OpenLab> {
  const pid = await labHolder(dataDirectory);
  const running = pid === undefined ? undefined : await readLabFile(dataDirectory);
  if (running !== undefined && running.pid === pid) return { url: running.url, own: false, stop: async () => undefined };

  await mkdir(dataDirectory, { recursive: true });
  const logFile = path.join(dataDirectory, 'lab.log');
  const log = await open(logFile, 'w');
  const child = spawn(process.execPath, [ENTRY], {
    env: { ...environment, PORT: environment['PORT'] || '0' },
    stdio: ['ignore', log.fd, log.fd, 'ipc'],
    detached: true, // Ctrl-C is ours to pass on
  });
  await log.close();
  const stop = (): Promise<void> => stopChild(child);
  const giveUp = (): void => void stop();
  signal.addEventListener('abort', giveUp);
  if (signal.aborted) giveUp();
  const url = await announcedUrl(child);
  signal.removeEventListener('abort', giveUp); // from here on it is stopped when the errand is over
  if (url !== undefined) return { url, own: true, stop };
  const words = (await readFile(logFile, 'utf8')).trimEnd().split('\n').slice(-LAST_WORDS);
  throw new Error(`the lab did not start; the last lines of ${logFile}:\n${words.join('\n')}`);
}

/** The address the lab announces; undefined when it ends before. */
async function announcedUrl(child: ChildProcess): Promise<string | undefined> {
  const announced = once(child, 'message').then(([{ url }]) => url as string);
  const ended = once(child, 'exit').then(() => undefined);
  return await Promise.race([announced, ended]);
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  if (!child.killed) child.kill('SIGTERM'); // a second signal would end it at once
  await exited;
}
