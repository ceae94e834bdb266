/** How hard the fault tests are, and the chance in them. */
import { randomStream, type RandomStream } from '@airmeta/numerics';
import { redisIsInstalled } from '../../libs/queue/test/redis-server.js';

/** `AIRMETA_FAULTS=full`: sweeps and kills of the size that the lab promises to survive; otherwise small ones, for every day. */
export const FULL = process.env['AIRMETA_FAULTS'] === 'full';

/** Prints the seed, so that `AIRMETA_FAULTS_SEED` can choose the same victims again. */
export function chance(what: string): RandomStream {
  const seed = Number(process.env['AIRMETA_FAULTS_SEED'] ?? (FULL ? Date.now() : 1));
  say(`${what}: victims by AIRMETA_FAULTS_SEED=${seed}`);
  return randomStream(seed, 'probe');
}

/** A line for the reader of a fault test's output, beside what the test runner prints. */
export function say(line: string): void {
  process.stdout.write(`[faults] ${line}\n`);
}

export type QueueKind = 'PostgreSQL' | 'Redis';

/** Both backends; Redis steps aside where there is none, but not in CI. */
export function queueKinds(): readonly QueueKind[] {
  if (redisIsInstalled() || process.env['CI']) return ['PostgreSQL', 'Redis'];
  console.warn('redis-server is not installed: tests that need it step aside');
  return ['PostgreSQL'];
}
