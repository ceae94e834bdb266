/** What is left of a run whose worker is gone: it goes on where its checkpoint was made, and comes to the same bits. */
import { describe, expect, it } from 'vitest';
import { sinusoidSweep } from '../support/experiments.js';
import { inMortalLab } from '../support/mortal-lab.js';
import { evidenceOf, expectExactlyOnce, resultsOf } from '../support/sweep-evidence.js';
import { followToEnd } from '../support/sweep-under-fault.js';
import { until } from '../support/until.js';

/** One run. It leaves a checkpoint after ten seconds. */
const RUN = sinusoidSweep({ snrs: ['0 dB'], replicates: 1, rounds: 200_000, idealTwins: false });

/** A run that does not end by itself, whose checkpoints have 80 memories of 265,000 parameters: more than 64 MiB. */
const LARGE = JSON.stringify({
  version: 1,
  name: 'large checkpoints',
  base: {
    task: { family: 'sinusoid', shots: 1, queries: 1 },
    model: { kind: 'mlp', hidden: [512, 512], activation: 'tanh' },
    agents: { count: 80, participation: 1 },
    uplink: { kind: 'over-the-air', snr: '0 dB', decoder: 'adjoint' },
    rounds: 100_000,
    evaluate: { every: 50_000, newTasks: 1, newAgents: 1 },
  },
  idealTwins: false,
});

describe.concurrent('a run', () => {
  it('whose checkpoints are large goes on from the last one too', { timeout: 600_000 }, async () => {
    await inMortalLab({ workers: 1 }, async (lab) => {
      const client = lab.client();
      const { id } = await client.submit(LARGE, { force: true });
      const { round, size } = await until(
        'the run has left a checkpoint',
        async () => (await lab.database.query<{ round: number; size: string }>('SELECT round, size FROM checkpoints'))[0],
        120_000,
      );
      expect(Number(size)).toBeGreaterThan(80 * 2 ** 20);
      await lab.killWorker(0);
      await lab.addWorker();
      const [run] = await evidenceOf(lab.database, id);
      await until(
        'it goes on behind the checkpoint',
        async () => (await client.run(run.id)).claims === 2 && (await client.run(run.id)).round > round,
        120_000,
      );
      expect(await client.attempts(run.id)).toMatchObject([
        { fence: 1, fromRound: 0, end: 'lease-expired', refusedCheckpointBytes: null },
        { fence: 2, fromRound: round, end: null },
      ]);
      await client.cancel(id);
      await followToEnd(lab, id);
    });
  });

  it('goes on from its last checkpoint when its worker was killed', { timeout: 600_000 }, async () => {
    await inMortalLab({ workers: 1 }, async (lab) => {
      const client = lab.client();
      const { id } = await client.submit(RUN, { force: true });
      const { round } = await until(
        'the run has left a checkpoint',
        async () => (await lab.database.query<{ round: number }>('SELECT round FROM checkpoints'))[0],
        60_000,
      );
      await lab.killWorker(0);
      await lab.addWorker();
      const undisturbed = await client.submit(RUN, { force: true });
      await Promise.all([followToEnd(lab, id), followToEnd(lab, undisturbed.id)]);
      const runs = await evidenceOf(lab.database, id);
      expectExactlyOnce(runs);
      expect(await client.attempts(runs[0].id)).toMatchObject([
        { fence: 1, fromRound: 0, end: 'lease-expired' },
        { fence: 2, fromRound: round, end: 'completed' },
      ]);
      expect(resultsOf(runs)).toEqual(resultsOf(await evidenceOf(lab.database, undisturbed.id)));
    });
  });
});
