/** kill -9 of PostgreSQL, which holds the truth, in the middle of a sweep: it recovers, and so does everybody who was connected. */
import { setTimeout as delay } from 'node:timers/promises';
import { LEASE_MS } from '@airmeta/lab';
import { describe, expect, it } from 'vitest';
import { sinusoidSweep } from '../support/experiments.js';
import { FULL, queueKinds } from '../support/fault-form.js';
import { startMortalPostgres } from '../support/mortal-postgres.js';
import { inMortalLab } from '../support/mortal-lab.js';
import { expectUndisturbedBits, followedSweep, report } from '../support/sweep-under-fault.js';

const SWEEP = sinusoidSweep({ snrs: ['0 dB', 'noiseless'], replicates: FULL ? 20 : 3, rounds: FULL ? 20_000 : 10_000 });
/** Killed when so many runs have completed and the next one has started. */
const KILLS_AT = FULL ? [5, 15, 25, 35, 45] : [1, 5];
/** In the full form it stays away once for longer than a claim lives: nobody could renew one, and nobody has died. */
const LONG_OUTAGE = FULL ? 3 : undefined;
const TIMEOUT_MS = FULL ? 900_000 : 300_000;

describe.concurrent('kill -9 of PostgreSQL and its restart', () => {
  it.each(queueKinds())('loses nothing with the queue in %s', { timeout: TIMEOUT_MS }, async (queue) => {
    const postgres = await startMortalPostgres();
    await inMortalLab({ queue, database: postgres.database }, async (lab) => {
      let kills = 0;
      const sweep = await followedSweep(lab, SWEEP, async ({ type }, completed) => {
        if (type !== 'run-started' || completed < (KILLS_AT[kills] ?? Infinity)) return;
        kills += 1;
        await postgres.kill();
        if (kills === LONG_OUTAGE) await delay(LEASE_MS + 3_000);
        await postgres.restart();
      });
      report(`PostgreSQL killed, queue in ${queue}`, sweep, kills);
      expect(kills).toBe(KILLS_AT.length);
      // By the same server and workers: one that had ended would not stop well either, at the end.
      await expectUndisturbedBits(lab, SWEEP, sweep);
    });
  });
});
