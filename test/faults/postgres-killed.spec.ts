/** kill -9 of PostgreSQL, which holds the truth, in the middle of a sweep: it recovers, and so does everybody who was connected. */
import { setTimeout as delay } from 'node:timers/promises';
import { LEASE_MS } from '@airmeta/lab';
import { describe, expect, it } from 'vitest';
import { sinusoidSweep } from '../support/experiments.js';
import { FULL, queueKinds } from '../support/fault-form.js';
import { startMortalPostgres } from '../support/mortal-postgres.js';
import { inMortalLab } from '../support/mortal-lab.js';
import { claimsOf } from '../support/sweep-evidence.js';
import { expectUndisturbedBits, followedSweep, report } from '../support/sweep-under-fault.js';

const SWEEP = sinusoidSweep({ snrs: ['0 dB', 'noiseless'], replicates: FULL ? 20 : 3, rounds: FULL ? 20_000 : 5_000 });
/** Killed when so many runs have completed and the next one has started. */
const KILLS_AT = FULL ? [5, 15, 25, 35, 45] : [1, 5];
const TWO_RUNS = sinusoidSweep({ snrs: ['0 dB'], replicates: 1, rounds: 20_000 });
const TIMEOUT_MS = FULL ? 900_000 : 300_000;

describe.concurrent('kill -9 of PostgreSQL and its restart', () => {
  it.each(queueKinds())('loses nothing with the queue in %s', { timeout: TIMEOUT_MS }, async (queue) => {
    const postgres = await startMortalPostgres();
    await inMortalLab({ queue, database: postgres.database }, async (lab) => {
      await lab.workersReady();
      let kills = 0;
      const sweep = await followedSweep(lab, SWEEP, async ({ type }, completed) => {
        if (type !== 'run-started' || completed < (KILLS_AT[kills] ?? Infinity)) return;
        kills += 1;
        await postgres.kill();
        await postgres.restart();
      });
      report(`PostgreSQL killed, queue in ${queue}`, sweep, kills);
      expect(kills).toBe(KILLS_AT.length);
      // By the same server and workers: one that had ended would not stop well either, at the end.
      await expectUndisturbedBits(lab, SWEEP, sweep);
    });
  });

  it('takes no run from a worker that lives, however long PostgreSQL is away', { timeout: TIMEOUT_MS }, async () => {
    const postgres = await startMortalPostgres();
    await inMortalLab({ database: postgres.database }, async (lab) => {
      await lab.workersReady();
      let killed = false;
      const sweep = await followedSweep(lab, TWO_RUNS, async ({ type }) => {
        if (type !== 'run-started' || killed) return;
        killed = true;
        await postgres.kill();
        // The outage is longer than a claim lives without a sign of life, which is what this is about.
        await delay(LEASE_MS + 1_000);
        await postgres.restart();
      });
      expect(claimsOf(sweep.runs)).toBe(2);
    });
  });
});
