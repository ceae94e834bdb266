import { createHash, randomInt, randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { processIdentity } from './process-identity.js';

/** Another lab lives on the same data directory; the message is a sentence for the user. */
export class LabRunningError extends Error {
  override readonly name = 'LabRunningError';
}

/** Held by the one supervisor of a data directory. */
export interface LabLock {
  release(): void;
}

/**
 * A claim is an empty file whose name says everything, so it is complete as soon as it is there: kind, process number,
 * a hash of the process's start time, and a random part. No name is ever used twice, therefore anybody may remove the
 * claim of a dead process at any time. (One lock file that is taken over from the dead cannot do this: of two that find
 * it dead, the slower one removes the lock of the faster one.)
 */
type Kind = 'claim' | 'held';
const LONGEST_PAUSE_MS = 40;

/**
 * Makes this process the only lab on `dataDirectory`. Everyone first raises a claim and then looks for others: whoever
 * looks last sees the other one, so two can never both find themselves alone. Of several that see each other, all but
 * the first in alphabetical order withdraw and come back a little later.
 *
 * @throws LabRunningError while a living process holds it
 */
export async function acquireLabLock(dataDirectory: string): Promise<LabLock> {
  const own = `${process.pid}-${hash(await processIdentity(process.pid))}-${randomUUID()}`;
  const file = (kind: Kind): string => path.join(dataDirectory, `lab.${kind}-${own}`);
  const release = (): void => {
    rmSync(file('held'), { force: true });
    rmSync(file('claim'), { force: true });
  };
  try {
    for (;;) {
      await writeFile(file('claim'), '');
      const rivals = (await living(dataDirectory, 'claim')).filter((name) => name !== own);
      if (rivals.length === 0) {
        await writeFile(file('held'), '');
        return { release };
      }
      const holder = await labHolder(dataDirectory);
      if (holder !== undefined) throw runningError(dataDirectory, holder);
      if (rivals.some((name) => name < own)) await rm(file('claim'));
      await delay(randomInt(1, LONGEST_PAUSE_MS));
    }
  } catch (error) {
    release();
    throw error;
  }
}

/** The process number of the lab that lives on the data directory, if any. */
export async function labHolder(dataDirectory: string): Promise<number | undefined> {
  const [name] = await living(dataDirectory, 'held');
  return name === undefined ? undefined : pidOf(name);
}

/** The files of one kind whose processes live; those of the dead are removed. */
async function living(dataDirectory: string, kind: Kind): Promise<string[]> {
  const prefix = `lab.${kind}-`;
  const names = (await readdir(dataDirectory).catch(() => []))
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length));
  const alive = await Promise.all(names.map(async (name) => name.split('-')[1] === hash(await processIdentity(pidOf(name)))));
  await Promise.all(
    names.filter((_name, index) => !alive[index]).map((name) => rm(path.join(dataDirectory, prefix + name), { force: true })),
  );
  return names.filter((_name, index) => alive[index]);
}

const pidOf = (name: string): number => Number(name.split('-', 1)[0]);

const hash = (identity: string | undefined): string =>
  identity === undefined ? 'dead' : createHash('sha256').update(identity).digest('hex').slice(0, 16);

function runningError(dataDirectory: string, pid: number): LabRunningError {
  return new LabRunningError(
    `a lab is running on ${dataDirectory} already (process ${pid}): stop it, or set AIRMETA_DATA_DIR to another directory`,
  );
}
