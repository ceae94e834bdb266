/** A member who queues very much and one who queues little. */
import { expect, it } from 'vitest';
import { sinusoidSweep } from '../support/experiments.js';
import { say } from '../support/fault-form.js';
import { inMortalLab } from '../support/mortal-lab.js';
import { until } from '../support/until.js';

const MANY = 10_000;
const FEW = 10;

interface Start {
  readonly owner: string;
  readonly at: Date;
}

/** Runs in the order in which they were given to a worker. */
const STARTS = `
  SELECT members.name AS owner, runs.started_at AS at
  FROM runs
  JOIN experiments ON experiments.id = runs.experiment_id
  JOIN members ON members.id = experiments.owner_id
  WHERE runs.started_at IS NOT NULL
  ORDER BY runs.started_at`;

it(
  '10,000 runs of one member do not keep 10 of another waiting: the next free slot, and every second one from then on',
  { timeout: 600_000 },
  async () => {
    await inMortalLab({ workers: 1, environment: { AIRMETA_AUTH: 'on', AIRMETA_LOG_LEVEL: 'info' } }, async (lab) => {
      const [ada, ben] = [lab.client(await lab.join('ada')), lab.client(await lab.join('ben'))];
      // Two points with the ideal twin.
      const long = { snrs: ['0 dB'], rounds: 600 };
      const many = await ada.submit(sinusoidSweep({ ...long, replicates: MANY / 2 }));
      expect(many.runCount).toBe(MANY);
      await until('a run of Ada has started', async () => (await lab.database.query(STARTS)).length > 0);
      const few = await ben.submit(sinusoidSweep({ ...long, replicates: FEW / 2, seed: 2 }));
      const [{ now }] = await lab.database.query<{ now: Date }>('SELECT clock_timestamp() AS now');
      for await (const _ of ben.follow(few.id));

      const rows = await lab.database.query<Start>(STARTS);
      const starts = rows.map(({ owner }) => owner);
      const [first, last] = [starts.indexOf('ben'), starts.lastIndexOf('ben')];
      say(`fair share: ${MANY} runs of ada, then ${FEW} of ben, who start as ${starts.slice(first - 1, last + 1).join(' ')}`);
      // One run of hers may have been given the slot while the submission was written.
      expect(rows.slice(0, first).filter(({ at }) => at > now).length).toBeLessThanOrEqual(1);
      expect(starts.slice(first, last + 1)).toEqual(Array.from({ length: 2 * FEW - 1 }, (_, turn) => (turn % 2 === 0 ? 'ben' : 'ada')));
      await ada.cancel(many.id);
    });
  },
);
