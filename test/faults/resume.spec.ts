/** A sweep that is made whole computes what is missing, and nothing else. */
import { expect, it } from 'vitest';
import { ImageData, imageTask } from '../support/image-data.js';
import { inMortalLab } from '../support/mortal-lab.js';
import { evidenceOf, openRuns } from '../support/sweep-evidence.js';
import { until } from '../support/until.js';

const ALWAYS = Array.from({ length: 98 }, (_, index) => ({
  family: 'sinusoid',
  shots: 1 + (index % 14),
  queries: 1 + Math.floor(index / 14),
}));

/** 98 points that always work, and 2 that need the data. */
const SWEEP = JSON.stringify({
  version: 1,
  name: 'a sweep with holes',
  base: {
    task: { family: 'sinusoid' },
    model: { kind: 'mlp', hidden: [8], activation: 'tanh' },
    agents: { count: 4 },
    rounds: 5,
    evaluate: { every: 5, newTasks: 2, newAgents: 2 },
  },
  sweep: { grid: { task: [...ALWAYS, imageTask(2), imageTask(3)] } },
  idealTwins: false,
});

it('of 100 runs, 3 deleted and 2 failed: resuming executes exactly 5', { timeout: 600_000 }, async () => {
  const data = new ImageData();
  try {
    await inMortalLab({ workers: 0, datasetsDirectory: data.directory }, async (lab) => {
      const client = lab.client();
      const { id } = await client.submit(SWEEP, { force: true });
      data.takeAway();
      await Promise.all([lab.addWorker(), lab.addWorker()]);
      for await (const _ of client.follow(id));
      const before = await evidenceOf(lab.database, id);
      expect((await client.experiment(id)).runs).toMatchObject({ completed: 98, failed: 2 });

      const deleted = [before[0], before[42], before[97]];
      for (const run of deleted) await client.deleteRun(run.id);
      data.putBack();
      const claimsBefore = new Map(before.map((run) => [run.id, run.started]));
      expect(await client.resume(id)).toMatchObject({ state: 'running' });
      const [{ data: resumed }] = await lab.database.query<{ data: unknown }>(
        `SELECT data FROM events WHERE experiment_id = $1 AND type = 'experiment-resumed'`,
        [id],
      );
      expect(resumed).toMatchObject({ runs: 5 });
      await until('the experiment has finished again', async () => (await client.experiment(id)).state === 'finished');

      const after = await evidenceOf(lab.database, id);
      expect(after.every(({ state }) => state === 'completed')).toBe(true);
      const executed = after.filter(({ id: runId, started }) => started > (claimsBefore.get(runId) ?? 0));
      expect(executed.map(({ point }) => point)).toEqual([0, 42, 97, 98, 99]);
      expect(executed.map(({ started, id: runId }) => started - (claimsBefore.get(runId) ?? 0))).toEqual([1, 1, 1, 1, 1]);
      expect(after.slice(1, 3).map(({ results }) => results)).toEqual(before.slice(1, 3).map(({ results }) => results));
      expect(executed.slice(0, 3).map(({ results }) => results)).toEqual(deleted.map(({ results }) => results));
      expect(await openRuns(lab.database)).toBe(0);
    });
  } finally {
    data.remove();
  }
});
