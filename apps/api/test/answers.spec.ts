/** Trade-off and claim from a lab to its client: what never arrived, what diverged, and what cannot be compared. */
import 'reflect-metadata';
import { LabClient, RefusedError } from '@airmeta/client';
import type { Claim, RunEnd } from '@airmeta/lab';
import { METRIC_NAMES, type EvaluationRecord, type MetricName } from '@airmeta/spec';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sinusoidSweep } from '../../../test/support/experiments.js';
import { clearLab } from '../../../test/support/test-database.js';
import { take } from './hand-worker.js';
import { startLabServer, type LabServer } from './lab-server.js';

let lab: LabServer;
let client: LabClient;

beforeAll(async () => {
  lab = await startLabServer();
  client = new LabClient(lab.url);
});
beforeEach(() => clearLab(lab.database));
afterAll(() => lab.stop());

const REPLICATES = 10;
const ROUNDS = [0, 10, 20, 30];
const none = Object.fromEntries(METRIC_NAMES.map((metric) => [metric, null])) as Record<MetricName, null>;

/** Train loss as given; the loss of new tasks, and of both of their halves, is 1 before learning and `newTasks` after. */
function recordsOf(trainLoss: readonly number[], newTasks: number): EvaluationRecord[] {
  return trainLoss.map((loss, index) => {
    const score = index === 0 ? 1 : newTasks;
    const metrics = { trainLoss: loss, newTasksLoss: score, newTasksChoiceLoss: score, newTasksJudgeLoss: score };
    return { round: ROUNDS[index], metrics: { ...none, ...metrics } };
  });
}

async function finish(claim: Claim, end: RunEnd, records: EvaluationRecord[]): Promise<void> {
  if (!(await lab.persistence.runs.finish(claim, end, { round: 30, records }))) throw new Error(`run ${claim.runId} was not ended`);
}

const COMPLETED: RunEnd = { kind: 'completed', rounds: 30 };
const DIVERGED: RunEnd = { kind: 'diverged', round: 15, reason: 'not finite' };

/** One point and its ideal twin; of the point's runs the first `diverged` blow up, and the others do a little better than their twins. */
async function played(diverged: number): Promise<string> {
  const { id } = await client.submit(sinusoidSweep({ snrs: ['0 dB'], replicates: REPLICATES, rounds: 30 }), { force: true });
  const claims = await take(lab.persistence.runs, 2 * REPLICATES);
  const runs = claims.map((claim, index) => ({ claim, replicate: index % REPLICATES, isTwin: claim.config.uplink.kind === 'ideal' }));
  for (const { claim, replicate, isTwin } of runs) {
    const wobble = 0.001 * (replicate % 3);
    if (isTwin) await finish(claim, COMPLETED, recordsOf([2, 1, 0.5, 0.1], 0.5));
    else if (replicate < diverged)
      await finish(claim, DIVERGED, recordsOf([2, 0.01], 0.1)); // under the target before it blows up
    else await finish(claim, COMPLETED, recordsOf([2, 1, 0.2, 0.1], 0.4 + wobble));
  }
  return id;
}

describe('the answers of an experiment', () => {
  it('when every run diverged have no rounds to target, and nobody is faster', async () => {
    const [row] = (await client.tradeoff(await played(REPLICATES))).rows;
    expect(row.roundsToTarget).toMatchObject({ n: 10, reached: 0, diverged: 10, median: { atLeast: 30, atMost: null, high: null } });
    expect(row.extraRounds).toMatchObject({ pairs: 10, diverged: 10, reached: 0, share: { atLeast: 0, atMost: null, high: null } });
    expect(row.extraRounds?.share?.low).toBeGreaterThanOrEqual(0);
    expect(row.pairs).toEqual({ completed: 0, diverged: 10, twinDiverged: 0, unpaired: 0 });
  });

  it('when six of ten runs diverged support no claim, and say why', async () => {
    const id = await played(6);
    const claim = await client.claim(id);
    expect(claim.verdict).not.toBe('supported');
    expect(claim.sentence).toContain("In 6 of 10 pairs the point's run diverged");
    expect(claim.rows).toMatchObject([{ counts: { planned: 10, pairs: 10, diverged: 6 }, extraRounds: { diverged: 6 } }]);
  });

  it('when all completed support the gain, and say what is not known of it', async () => {
    const id = await played(0);
    const claim = await client.claim(id);
    expect(claim).toMatchObject({ against: 'ideal', verdict: 'supported', rows: [{ score: 'loss', gain: { n: 10 } }] });
    expect(claim.sentence).toContain('The update gain was not recorded');
    const tradeoff = await client.tradeoff(id, 'ideal');
    // Train losses of 2 to 0.1 set the target at 0.29: the point is there in (10, 20], its twin in (20, 30].
    expect(tradeoff).toMatchObject({
      against: 'ideal',
      rows: [
        {
          roundsToTarget: { n: 10, reached: 10, horizon: 30, restrictedMean: { atLeast: 10, atMost: 20 } },
          extraRounds: { reached: 10, share: { atLeast: expect.closeTo(-2 / 3, 9) as number, atMost: 0 }, shareOf: 'median' },
          caveats: [{ kind: 'updateGain' }],
        },
        { pairs: null, extraRounds: null },
      ],
    });
  });

  it('have rows a page at a time, of points that are named, and no more fields than are asked for', async () => {
    const snrs = Array.from({ length: 30 }, (_, index) => `${index} dB`);
    const { id } = await client.submit(sinusoidSweep({ snrs, replicates: 1, rounds: 30 }), { force: true });
    for (const claim of await take(lab.persistence.runs, 31)) await finish(claim, COMPLETED, recordsOf([2, 1, 0.5, 0.1], 0.5));
    const ask = async (
      rows: string,
    ): Promise<{ data?: { tradeoff: { rowCount: number; rows: { pointIndex: number }[] } }; errors?: { message: string }[] }> => {
      const query = `{ tradeoff(experimentId: "${id}") { rowCount rows${rows} { pointIndex twinPointIndex axes { path } trainLoss { mean } } } }`;
      const answer = await fetch(`${lab.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      });
      return (await answer.json()) as Awaited<ReturnType<typeof ask>>;
    };
    const indices = async (rows: string) => (await ask(rows)).data?.tradeoff.rows.map(({ pointIndex }) => pointIndex);
    expect((await ask('')).data?.tradeoff).toMatchObject({ rowCount: 31, rows: { length: 31 } });
    expect((await ask('(limit: 1, offset: 2)')).data?.tradeoff.rows).toEqual([
      { pointIndex: 2, twinPointIndex: 30, axes: [{ path: 'uplink.snr' }], trainLoss: { mean: expect.closeTo(0.1, 12) as number } },
    ]);
    // More rows than are read in one turn of the event loop come in their order.
    expect(await indices('(limit: 25, offset: 3)')).toEqual(Array.from({ length: 25 }, (_, index) => index + 3));
    expect(await indices('(limit: 5, offset: 31)')).toEqual([]);
    expect(await indices('(points: [30, 2, 77])')).toEqual([2, 30]);
    const refusals = [
      '(limit: 1001)',
      '(limit: 0)',
      '(offset: -1)',
      '(points: [1], limit: 1)',
      `(points: [${Array(1001).fill(1).join(', ')}])`,
    ];
    for (const rows of refusals)
      expect((await ask(rows)).errors?.[0]?.message).toMatch(/^(limit must|offset must|give either|points must)/);
  });

  it('have claims whose rows come in pages, decided once until something happens', async () => {
    const snrs = Array.from({ length: 4 }, (_, index) => `${index} dB`);
    const { id } = await client.submit(sinusoidSweep({ snrs, replicates: 2, rounds: 30 }), { force: true });
    for (const claim of await take(lab.persistence.runs, 9)) await finish(claim, COMPLETED, recordsOf([2, 1, 0.5, 0.1], 0.5));
    const before = await client.claim(id);
    expect(before).toMatchObject({ compared: 4, rowCount: 4, rows: { length: 4 } });
    expect(before.sentence).toContain('1 run has not ended');
    const page = await client.claimPage(id, undefined, { offset: 1, limit: 2 });
    expect([page.rowCount, page.rows]).toEqual([4, before.rows.slice(1, 3)]);
    await expect(client.claimPage(id, undefined, { limit: 0 })).rejects.toThrow('limit must be a whole number from 1 to 1000');
    await expect(client.claimPage(id, undefined, { limit: 1000 })).rejects.toThrow('are allowed');
    for (const claim of await take(lab.persistence.runs, 1)) await finish(claim, COMPLETED, recordsOf([2, 1, 0.5, 0.1], 0.5));
    expect((await client.claim(id)).sentence).not.toContain('not ended');
  });

  it('against twins that were not run are refused with a sentence', async () => {
    const { id } = await client.submit(sinusoidSweep({ snrs: ['0 dB'], replicates: 1, rounds: 30 }), { force: true });
    const refusal = async (asked: Promise<unknown>) => {
      const error: unknown = await asked.catch((thrown: unknown) => thrown);
      return error instanceof RefusedError ? error.message : error;
    };
    expect(await refusal(client.tradeoff(id, 'matched'))).toContain('no gain-matched twins');
    expect(await refusal(client.claim(id, 0.18, 'tuned'))).toContain('tunes no axis');
  });
});
