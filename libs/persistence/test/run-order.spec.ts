/** Answers early: the first pass over a sweep has every point beside what it is compared with. */
import { packExperiment, replicateSeedsOf, type ExperimentPlan } from '@airmeta/lab';
import { expandExperiment, extendExperiment, type Extension } from '@airmeta/spec';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.js';
import { openPersistence, type Persistence } from '../src/index.js';
import { admitAndClaim, progressOf, recordOf, tradeoffOf } from './support/fixtures.js';

let database: TestDatabase;
let persistence: Persistence;

beforeAll(async () => {
  database = await createTestDatabase();
  persistence = await openPersistence({ connectionString: database.url });
});

beforeEach(() => database.query('TRUNCATE experiments, admission_turns CASCADE'));

afterAll(async () => {
  await persistence.close();
  await database.drop();
});

interface Sweep {
  readonly grid: Readonly<Record<string, readonly unknown[]>>;
  readonly replicates: number;
  readonly gainMatchedTwins?: boolean;
}

function planOfSweep({ grid, replicates, gainMatchedTwins = false }: Sweep): ExperimentPlan {
  const expanded = expandExperiment({
    version: 1,
    name: 'sweep',
    base: { task: { family: 'sinusoid' }, uplink: { kind: 'over-the-air' }, rounds: 100 },
    sweep: { grid },
    replicates,
    gainMatchedTwins,
  });
  return {
    force: true,
    experiment: packExperiment(
      expanded,
      expanded.points.map(({ index }) => `point ${index}`),
    ),
    dataFingerprints: expanded.points.map(() => null),
    replicateSeeds: replicateSeedsOf(expanded),
  };
}

/** Point and replicate of the experiment's runs, in the order in which they start. */
async function orderOf(id: string): Promise<string[]> {
  const rows = await database.query<{ index: number; replicate: number }>(
    'SELECT points.index, runs.replicate FROM runs JOIN points ON points.id = runs.point_id WHERE runs.experiment_id = $1 ORDER BY runs.ordinal',
    [id],
  );
  return rows.map(({ index, replicate }) => `${index}/${replicate}`);
}

async function ordinalsOf(id: string): Promise<number[]> {
  const rows = await database.query<{ ordinal: number }>('SELECT ordinal FROM runs WHERE experiment_id = $1 ORDER BY ordinal', [id]);
  return rows.map(({ ordinal }) => ordinal);
}

/** Computes the runs that start next. */
async function compute(count: number): Promise<void> {
  for (const claim of await admitAndClaim(persistence.runs, count)) {
    const scores = { trainLoss: 0.5, newTasksLoss: 1, newTasksChoiceLoss: 1, newTasksJudgeLoss: 1 };
    const records = [0, 50, 100].map((round) => recordOf(round, { ...scores, trainLoss: 1 - round / 200 }));
    await persistence.runs.finish(claim, { kind: 'completed', rounds: 100 }, progressOf(100, ...records));
  }
}

const SNRS = ['-10 dB', '0 dB', '10 dB'];

describe('the order of runs', () => {
  it('is replicate by replicate, and in each first the twins, the ideal ones before the gain-matched ones', async () => {
    const { id } = (await persistence.experiments.create(planOfSweep({ grid: { 'uplink.snr': SNRS }, replicates: 2 }))).summary;
    expect(await orderOf(id)).toEqual(['3/0', '0/0', '1/0', '2/0', '3/1', '0/1', '1/1', '2/1']);
    const grid = { 'uplink.snr': SNRS.slice(1) };
    const matched = (await persistence.experiments.create(planOfSweep({ grid, replicates: 1, gainMatchedTwins: true }))).summary;
    expect(await orderOf(matched.id)).toEqual(['2/0', '3/0', '4/0', '0/0', '1/0']);
  });

  it('has a point of the grid first when the others are compared with it', async () => {
    const uplink = [{ kind: 'over-the-air', snr: '0 dB' }, { kind: 'over-the-air', snr: '10 dB' }, { kind: 'ideal' }];
    const { id } = (await persistence.experiments.create(planOfSweep({ grid: { uplink }, replicates: 2 }))).summary;
    expect(await orderOf(id)).toEqual(['2/0', '0/0', '1/0', '2/1', '0/1', '1/1']);
  });

  it('gives every point a gain after the first pass', async () => {
    const grid = { 'meta.metaStep': [0.05, 0.1, 0.2], 'uplink.snr': SNRS };
    const { id, pointCount } = (await persistence.experiments.create(planOfSweep({ grid, replicates: 4 }))).summary;
    await compute(pointCount);
    const rows = (await tradeoffOf(persistence.experiments, id))?.rows ?? [];
    expect(rows).toHaveLength(12);
    for (const { role, runs, gains } of rows) {
      expect(runs).toMatchObject({ completed: 1, open: 3 });
      if (role === 'swept') expect(gains?.last.loss).toMatchObject({ mean: 0, n: 1 });
    }
  });

  it('is that of the whole after an extension, which keeps what has been computed', async () => {
    const { id } = (await persistence.experiments.create(planOfSweep({ grid: { 'uplink.snr': SNRS.slice(0, 2) }, replicates: 2 }))).summary;
    await compute(4);
    const extension: Extension = { replicates: 3, values: { 'uplink.snr': ['10 dB'] } };
    const found = await persistence.experiments.find(id);
    if (!found) throw new Error('no experiment');
    const { expanded, origins } = extendExperiment(found.specification, extension);
    const { experiment, dataFingerprints } = planOfSweep({ grid: { 'uplink.snr': SNRS }, replicates: 3 });
    const extended = { experiment, origins, dataFingerprints, replicateSeeds: replicateSeedsOf(expanded) };
    await persistence.experiments.extend(id, { ...extended, extendedHash: found.hash });
    expect(await orderOf(id)).toEqual(['3/0', '0/0', '1/0', '2/0', '3/1', '0/1', '1/1', '2/1', '3/2', '0/2', '1/2', '2/2']);
    expect(await ordinalsOf(id)).toEqual(Array.from({ length: 12 }, (_, ordinal) => ordinal));
    const computed = await database.query<{ run: string }>(
      `SELECT points.index || '/' || replicate AS run FROM runs JOIN points ON points.id = point_id WHERE state = 'completed' ORDER BY ordinal`,
    );
    expect(computed.map(({ run }) => run)).toEqual(['3/0', '0/0', '1/0', '3/1']);
  });

  it('puts a run that was deleted back into its place', async () => {
    const { id } = (await persistence.experiments.create(planOfSweep({ grid: { 'uplink.snr': SNRS }, replicates: 2 }))).summary;
    await compute(8);
    const [, , , , deleted] = await database.query<{ id: string }>('SELECT id FROM runs WHERE experiment_id = $1 ORDER BY ordinal', [id]);
    await persistence.experiments.deleteRun(deleted.id);
    await persistence.experiments.resume(id);
    expect(await orderOf(id)).toEqual(['3/0', '0/0', '1/0', '2/0', '3/1', '0/1', '1/1', '2/1']);
  });
});
