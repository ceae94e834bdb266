/** A worker by hand: it takes runs of a server without workers, and ends them as told. */
import type { Claim, RunEnd, RunStore } from '@airmeta/lab';

/** Offers no places, so that the server’s own dispatcher hands it nothing. */
export const WORKER = { id: 'worker-by-hand', host: 'localhost', slots: 0, engine: 'by hand 1' };
const LEASE_MS = 60_000;

/** Takes the next runs, at most `count`. */
export async function take(runs: RunStore, count: number): Promise<Claim[]> {
  const claims = await Promise.all((await runs.admit(count)).map((admission) => runs.claim(admission, WORKER, LEASE_MS)));
  return claims.flatMap((claim) => claim ?? []);
}

/** Takes runs and ends them at once, each as the next of `ends` says. */
export async function play(runs: RunStore, ends: readonly RunEnd['kind'][]): Promise<Claim[]> {
  const claims = await take(runs, ends.length);
  for (const [index, claim] of claims.entries()) await end(runs, claim, ends[index]);
  return claims;
}

export async function end(runs: RunStore, claim: Claim, kind: RunEnd['kind']): Promise<void> {
  const { rounds } = claim.config;
  const progress = { engine: WORKER.engine, round: rounds, records: [] };
  const ended = await runs.finish(claim, endOf(kind, rounds), progress);
  if (!ended) throw new Error(`run ${claim.runId} was not ended`);
}

function endOf(kind: RunEnd['kind'], rounds: number): RunEnd {
  switch (kind) {
    case 'completed':
      return { kind, rounds };
    case 'diverged':
      return { kind, round: rounds, reason: 'a number left the range' };
    case 'failed':
      return { kind, failure: { code: 'broken', message: 'the data broke' } };
    case 'cancelled':
      return { kind };
  }
}
