/** kill -9 of the server: workers go on without it, and what was submitted is there wholly or not at all. */
import { describe, expect, it } from 'vitest';
import { sinusoidSweep } from '../support/experiments.js';
import { FULL, queueKinds, say } from '../support/fault-form.js';
import { inMortalLab } from '../support/mortal-lab.js';
import { claimsOf } from '../support/sweep-evidence.js';
import { until } from '../support/until.js';
import { expectUndisturbedBits, followedSweep, report } from '../support/sweep-under-fault.js';

const SWEEP = sinusoidSweep({ snrs: ['0 dB', 'noiseless'], replicates: FULL ? 20 : 3, rounds: FULL ? 20_000 : 5_000 });
const KILLS_AT = FULL ? [5, 15, 25, 35, 45] : [1, 4];
const WRITING = `
  SELECT 1 FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_xid IS NOT NULL`;
const STORED = `
  SELECT
    (SELECT count(*)::int FROM runs WHERE experiment_id = experiments.id) AS runs,
    (SELECT count(*)::int FROM events WHERE experiment_id = experiments.id) AS events
  FROM experiments WHERE name = $1`;
/** Nobody else writes in a lab without workers. */
const MOMENTS = [
  ['while it is written', WRITING, false],
  ['as soon as it is there', 'SELECT 1 FROM experiments WHERE name = $1', true],
] as const;
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
  it('leaves it wholly there or not at all; sent again with its key, it is there once', { timeout: TIMEOUT_MS }, async () => {
    const whole = [{ runs: 10_000, events: 1 }];
    await inMortalLab({ workers: 0 }, async (lab) => {
      for (const [moment, sign, arrives] of MOMENTS) {
        const specification = sinusoidSweep({ snrs: ['0 dB'], replicates: 5_000, name: moment });
        const options = { force: true, idempotencyKey: moment.replaceAll(' ', '-') };
        const stored = () => lab.database.query(STORED, [moment]);
        let answered = false;
        const answer = lab
          .client()
          .submit(specification, options)
          .catch(() => 'cut off')
          .finally(() => (answered = true));
        const parameters = sign === WRITING ? [] : [moment];
        await until(`the submission is caught ${moment}`, async () => answered || (await lab.database.query(sign, parameters)).length > 0);
        await lab.killApi();
        await answer;
        // A transaction that was cut off ends when PostgreSQL notices.
        await until('nobody writes', async () => (await lab.database.query(WRITING)).length === 0);
        const left = await stored();
        say(`server killed during a submission, ${moment}: it is ${left.length > 0 ? 'there' : 'not there'}`);
        if (arrives || left.length > 0) expect(left).toEqual(whole);

        await lab.startApi();
        expect(await lab.client().submit(specification, options)).toMatchObject({ runs: { queued: 10_000 } });
        expect(await stored()).toEqual(whole);
      }
    });
  });
});
