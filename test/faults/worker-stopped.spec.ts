/** SIGTERM to a worker in the middle of a run. */
import { describe, expect, it } from 'vitest';
import { sinusoidSweep } from '../support/experiments.js';
import { inMortalLab, type MortalLab } from '../support/mortal-lab.js';
import { startMortalPostgres } from '../support/mortal-postgres.js';
import { expectUndisturbedBits, followedSweep } from '../support/sweep-under-fault.js';
import { until } from '../support/until.js';

/** One run of some seconds: a worker reports its round every second. */
const SWEEP = sinusoidSweep({ snrs: ['0 dB'], replicates: 1, rounds: 40_000, idealTwins: false });
/** What docs and service files promise. */
const STOPPED_WITHIN_MS = 30_000;

async function timed(work: Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work;
  return performance.now() - began;
}

async function someRound({ database }: MortalLab): Promise<{ id: string } | undefined> {
  return (await database.query<{ id: string }>(`SELECT id FROM runs WHERE state = 'running' AND round > 0`)).at(0);
}

describe.concurrent('SIGTERM to a worker in the middle of a run', () => {
  it('gives the run back at once, to go on from where it was with the same bits', { timeout: 600_000 }, async () => {
    await inMortalLab({ workers: 1 }, async (lab) => {
      let stopped = false;
      const sweep = await followedSweep(lab, SWEEP, async ({ type }) => {
        if (type !== 'run-started' || stopped) return;
        stopped = true;
        await until('the run has got somewhere', () => someRound(lab));
        expect(await (await lab.workers[0]).stop()).toBe(0);
        lab.replaceWorker(0);
      });
      const [first, second] = await lab.client().attempts(sweep.runs[0].id);
      expect(first).toMatchObject({ fromRound: 0, end: 'released' });
      expect(second.fromRound).toBeGreaterThan(0);
      expect(sweep.runs[0].fence).toBe(2);
      await expectUndisturbedBits(lab, SWEEP, sweep);
    });
  });

  it('ends it in time although PostgreSQL is away; the run is computed when both are back', { timeout: 600_000 }, async () => {
    const postgres = await startMortalPostgres();
    await inMortalLab({ workers: 1, database: postgres.database }, async (lab) => {
      let stopped = false;
      await followedSweep(lab, SWEEP, async ({ type }) => {
        if (type !== 'run-started' || stopped) return;
        stopped = true;
        await until('the run has got somewhere', () => someRound(lab));
        await postgres.kill();
        const worker = await lab.workers[0];
        expect(await timed(worker.stop())).toBeLessThan(STOPPED_WITHIN_MS);
        await postgres.restart();
        lab.replaceWorker(0);
      });
    });
  });
});
