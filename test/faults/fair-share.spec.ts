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
  readonly runId: string;
}

/** Runs in the order in which they were given to a worker. */
const STARTS = `
  SELECT members.name AS owner, runs.id AS "runId"
  FROM runs
  JOIN experiments ON experiments.id = runs.experiment_id
  JOIN members ON members.id = experiments.owner_id
  WHERE runs.started_at IS NOT NULL
  ORDER BY runs.started_at`;

it(
  '10,000 runs of one member do not keep 10 of another waiting: the next free slot, and every second one from then on',
  { timeout: 180_000 },
  async () => {
    await inMortalLab({ workers: 1, environment: { AIRMETA_AUTH: 'on', AIRMETA_LOG_LEVEL: 'info' } }, async (lab) => {
      const [ada, ben] = [lab.client(await lab.join('ada')), lab.client(await lab.join('ben'))];
      // Two points with the ideal twin.
      const long = { snrs: ['0 dB'], rounds: 600 };
      const many = await ada.submit(sinusoidSweep({ ...long, replicates: MANY / 2 }));
      expect(many.runCount).toBe(MANY);
      const startsOfAda = async () => (await lab.database.query<Start>(STARTS)).length;
      // The slot is Ada's for a while when a run of hers has just started.
      const before = await startsOfAda();
      const hers = await until('the next run of Ada has started', async () => {
        const count = await startsOfAda();
        return count > before && count;
      });
      const few = await ben.submit(sinusoidSweep({ ...long, replicates: FEW / 2, seed: 2 }));
      for await (const _ of ben.follow(few.id));

      const starts = (await lab.database.query<Start>(STARTS)).map(({ owner }) => owner);
      const [first, last] = [starts.indexOf('ben'), starts.lastIndexOf('ben')];
      say(`fair share: ${MANY} runs of ada, then ${FEW} of ben, who start as ${starts.slice(first - 1, last + 1).join(' ')}`);
      expect(first).toBe(hers);
      expect(starts.slice(first, last + 1)).toEqual(Array.from({ length: 2 * FEW - 1 }, (_, turn) => (turn % 2 === 0 ? 'ben' : 'ada')));
      await ada.cancel(many.id);
    });
  },
);
