/** kill -9 of the server: workers go on without it, and what was submitted is there wholly or not at all. */
import { describe, expect, it } from 'vitest';
import { sinusoidSweep } from '../support/experiments.js';
import { FULL, queueKinds } from '../support/fault-form.js';
import { inMortalLab } from '../support/mortal-lab.js';
import { claimsOf } from '../support/sweep-evidence.js';
import { expectUndisturbedBits, followedSweep, report } from '../support/sweep-under-fault.js';

const SWEEP = sinusoidSweep({ snrs: ['0 dB', 'noiseless'], replicates: FULL ? 20 : 3, rounds: FULL ? 20_000 : 10_000 });
const KILLS_AT = FULL ? [5, 15, 25, 35, 45] : [1, 4];
const TIMEOUT_MS = FULL ? 900_000 : 120_000;

describe.concurrent('kill -9 of the server in the middle of a sweep', () => {
  it.each(queueKinds())('interrupts no run, and followers miss nothing, with the queue in %s', { timeout: TIMEOUT_MS }, async (queue) => {
    await inMortalLab({ queue }, async (lab) => {
      let kills = 0;
      const sweep = await followedSweep(lab, SWEEP, async ({ type }, completed) => {
        if (type !== 'run-started' || completed < (KILLS_AT[kills] ?? Infinity)) return;
        kills += 1;
        await lab.killApi();
        await lab.startApi();
      });
      report(`server killed, queue in ${queue}`, sweep, kills);
      expect(kills).toBe(KILLS_AT.length);
      expect(claimsOf(sweep.runs)).toBe(sweep.runs.length);
      await expectUndisturbedBits(lab, SWEEP, sweep);
    });
  });
});
