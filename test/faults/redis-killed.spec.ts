/** Redis, which only dispatches, is killed or emptied in the middle of a sweep: the queue is rebuilt from PostgreSQL. */
import { describe, expect, it } from 'vitest';
import type { QueueServer } from '../../libs/queue/test/queue-conformance.js';
import { sinusoidSweep } from '../support/experiments.js';
import { FULL, queueKinds } from '../support/fault-form.js';
import { inMortalLab } from '../support/mortal-lab.js';
import { claimsOf } from '../support/sweep-evidence.js';
import { expectUndisturbedBits, followedSweep, report } from '../support/sweep-under-fault.js';

const SWEEP = sinusoidSweep({ snrs: ['0 dB', 'noiseless'], replicates: FULL ? 20 : 3, rounds: FULL ? 20_000 : 5_000 });
const FAULTS_AT = FULL ? [5, 15, 25, 35, 45] : [1, 4];
const TIMEOUT_MS = FULL ? 900_000 : 300_000;

const FAULTS: readonly [string, (redis: QueueServer) => Promise<void>][] = [
  [
    'kill -9 of Redis, which comes back empty,',
    async (redis) => {
      await redis.cutOff();
      await redis.restore();
    },
  ],
  ['FLUSHALL while jobs wait and run', (redis) => redis.wipe()],
];

describe.skipIf(!queueKinds().includes('Redis')).concurrent('in the middle of a sweep', () => {
  it.each(FAULTS)('%s loses nothing and interrupts no run', { timeout: TIMEOUT_MS }, async (what, fault) => {
    await inMortalLab({ queue: 'Redis' }, async (lab) => {
      const { redis } = lab;
      if (!redis) throw new Error('this lab has no Redis');
      await lab.workersReady();
      let faults = 0;
      const sweep = await followedSweep(lab, SWEEP, async ({ type }, completed) => {
        if (type !== 'run-started' || completed < (FAULTS_AT[faults] ?? Infinity)) return;
        faults += 1;
        await fault(redis);
      });
      report(what, sweep, faults);
      expect(faults).toBe(FAULTS_AT.length);
      expect(claimsOf(sweep.runs)).toBe(sweep.runs.length);
      await expectUndisturbedBits(lab, SWEEP, sweep);
    });
  });
});
