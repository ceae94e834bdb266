import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { z } from 'zod';

import { processIdentity } from './process-identity.js';

const Holder = z.object({ pid: z.int().positive(), identity: z.string() });
type Holder = z.infer<typeof Holder>;

/** Another lab lives on the same data directory; the message is a sentence for the user. */
export class LabRunningError extends Error {
  override readonly name = 'LabRunningError';
}

/** Held by the one supervisor of a data directory. */
export interface LabLock {
  release(): void;
}

/**
 * Takes `<dataDirectory>/lab.lock`. The file names its holder by process number and start time, so a lock whose holder
 * was killed, also before a reboot, is recognised and taken over. It appears complete (written aside, then linked).
 *
 * @throws LabRunningError while the holder lives
 */
export async function acquireLabLock(dataDirectory: string): Promise<LabLock> {
  const file = path.join(dataDirectory, 'lab.lock');
  const own = `${file}.${randomUUID()}`;
  const identity = await processIdentity(process.pid);
  await writeFile(own, JSON.stringify({ pid: process.pid, identity: identity ?? '' } satisfies Holder));
  try {
    while (!(await linked(own, file))) {
      const text = await readFile(file, 'utf8').catch(() => undefined);
      if (text === undefined) continue; // released this moment
      const holder = readHolder(text);
      if (holder !== undefined && (await lives(holder))) throw runningError(dataDirectory, holder);
      await setAside(file, text);
    }
  } finally {
    await rm(own, { force: true });
  }
  return { release: () => rmSync(file, { force: true }) };
}

/** The process number of the lab that lives on the data directory, if any. */
export async function labHolder(dataDirectory: string): Promise<number | undefined> {
  const text = await readFile(path.join(dataDirectory, 'lab.lock'), 'utf8').catch(() => undefined);
  const holder = text === undefined ? undefined : readHolder(text);
  return holder !== undefined && (await lives(holder)) ? holder.pid : undefined;
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes a dead holder's lock; if another process has just replaced it, that one gets its lock back. */
async function setAside(file: string, deadText: string): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
  } catch {
    return; // somebody else has set it aside
  }
  if ((await readFile(aside, 'utf8')) !== deadText) await linked(aside, file);
  await rm(aside, { force: true });
}

const lives = async ({ pid, identity }: Holder): Promise<boolean> => (await processIdentity(pid)) === identity;

function readHolder(text: string): Holder | undefined {
  try {
    return Holder.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function runningError(dataDirectory: string, { pid }: Holder): LabRunningError {
  return new LabRunningError(`a lab is running on ${dataDirectory} already (process ${pid}): stop it, or set AIRMETA_DATA_DIR to another directory`);
}
