/** kill -9 of the server: workers go on without it, and what was submitted is there wholly or not at all. */
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { sinusoidSweep } from '../support/experiments.js';
import { chance, FULL, queueKinds, say } from '../support/fault-form.js';
import { inMortalLab } from '../support/mortal-lab.js';
import { claimsOf } from '../support/sweep-evidence.js';
import { expectUndisturbedBits, followedSweep, report } from '../support/sweep-under-fault.js';

const SWEEP = sinusoidSweep({ snrs: ['0 dB', 'noiseless'], replicates: FULL ? 20 : 3, rounds: FULL ? 20_000 : 10_000 });
const KILLS_AT = FULL ? [5, 15, 25, 35, 45] : [1, 4];
const SUBMISSIONS = FULL ? 20 : 3;
/** About how long one takes. */
const SUBMISSION_MS = 400;
const STORED = `
  SELECT
    (SELECT count(*)::int FROM runs WHERE experiment_id = experiments.id) AS runs,
    (SELECT count(*)::int FROM events WHERE experiment_id = experiments.id) AS events
  FROM experiments WHERE name = $1`;
const TIMEOUT_MS = FULL ? 900_000 : 300_000;

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

describe('kill -9 of the server during a submission', () => {
  it('leaves it wholly there or not at all; sent again with its key, it is there once', { timeout: 300_000 }, async () => {
    const random = chance('server killed during a submission');
    await inMortalLab({ workers: 0 }, async (lab) => {
      const outcomes: string[] = [];
      for (let attempt = 0; attempt < SUBMISSIONS; attempt++) {
        const specification = sinusoidSweep({ snrs: ['0 dB'], replicates: 2_000, name: `submission ${attempt}` });
        const options = { force: true, idempotencyKey: `submission-${attempt}` };
        const answer = lab
          .client()
          .submit(specification, options)
          .then(
            () => 'answered',
            () => 'cut off',
          );
        // From before the first write to after the last one.
        await delay(random.integer(SUBMISSION_MS));
        await lab.killApi();
        const said = await answer;
        const there = await lab.database.query<{ runs: number; events: number }>(STORED, [`submission ${attempt}`]);
        if (there.length > 0) expect(there).toEqual([{ runs: 4_000, events: 1 }]);
        outcomes.push(`${said}, ${there.length > 0 ? 'there' : 'not there'}`);

        await lab.startApi();
        const sentAgain = await lab.client().submit(specification, options);
        expect(sentAgain).toMatchObject({ runCount: 4_000, runs: { queued: 4_000 } });
        expect(await lab.database.query(STORED, [`submission ${attempt}`])).toEqual([{ runs: 4_000, events: 1 }]);
      }
      say(`server killed during ${SUBMISSIONS} submissions: ${outcomes.join('; ')}`);
      expect(outcomes).not.toContain('answered, not there');
    });
  });
});
