import { readFile, realpath, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { eventually } from './backoff.js';
import { commandLine, processIdentity } from './process-identity.js';

/** PostgreSQL's signals to its first process: finish transactions' rollback and stop; stop at once; the last resort. */
const STOP_STEPS = [
  { signal: 'SIGINT', patienceMs: 20_000 },
  { signal: 'SIGQUIT', patienceMs: 5_000 },
  { signal: 'SIGKILL', patienceMs: 5_000 },
] as const;

/**
 * Deals with what a killed supervisor may have left in `cluster`'s postmaster.pid, so that PostgreSQL can be started:
 *
 * - Its process still serves the folder: it is stopped cleanly, two on one folder would destroy it.
 * - Its process is gone, but the number is in use, by another program or by a zombie that nobody has buried: PostgreSQL
 *   would refuse to start. So the number is replaced by our own, which PostgreSQL knows for its parent and so not for
 *   a rival. The rest of the file stays: by it PostgreSQL sees to it that no orphaned server process still uses its
 *   shared memory.
 *
 * @param report told in a sentence when an orphan is stopped
 */
export async function settlePostmaster(cluster: string, report: (sentence: string) => void): Promise<void> {
  const file = path.join(cluster, 'postmaster.pid');
  const pid = Number((await contentOf(file))?.split('\n', 1)[0]);
  if (!Number.isInteger(pid) || pid <= 0) return;
  const identity = await processIdentity(pid);
  if (identity !== undefined && (await serves(pid, cluster))) {
    report(`an earlier lab left its PostgreSQL running (process ${pid}): stopping it`);
    await stopProcess(pid, identity);
  }
  const left = await contentOf(file); // a clean stop has removed it
  if (left !== undefined) await writeFile(file, left.replace(/^\d+/, String(process.pid)));
}

const contentOf = (file: string): Promise<string | undefined> => readFile(file, 'utf8').catch(() => undefined);

async function serves(pid: number, cluster: string): Promise<boolean> {
  const command = await commandLine(pid);
  return command !== undefined && command.includes('postgres') && command.includes(`-D ${await realpath(cluster)}`);
}

async function stopProcess(pid: number, identity: string): Promise<void> {
  const gone = async (): Promise<boolean> => (await processIdentity(pid)) !== identity;
  for (const { signal, patienceMs } of STOP_STEPS) {
    if (await gone()) return;
    process.kill(pid, signal);
    if (await eventually(gone, { initialMs: 10, maxMs: 200 }, patienceMs)) return;
  }
  throw new Error(`the PostgreSQL that an earlier lab left running (process ${pid}) cannot be stopped`);
}
