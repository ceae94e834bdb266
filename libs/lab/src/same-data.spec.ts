import { expandExperiment, pointSchema, type PointSpec } from '@airmeta/spec';
import { describe, expect, it } from 'vitest';
import type { DatasetInspection, DatasetInspector } from './ports.js';
import { dataChange, requireSameData } from './same-data.js';
import { checkData, dataNeedsOf } from './data-needs.js';

const [BEFORE, AFTER] = ['ab'.repeat(32), 'cd'.repeat(32)];
const ready = (fingerprint: string | null): DatasetInspection => ({ kind: 'ready', fingerprint });
const imageFolder = (ways: number, dataset = 'own') => pointSchema.parse({ task: { family: 'image-folder', dataset, ways } });
const sinusoid = pointSchema.parse({ task: { family: 'sinusoid' } });

/** Remembers what it was asked about. */
class FakeInspector implements DatasetInspector {
  readonly asked: PointSpec[] = [];
  constructor(private readonly answer: (config: PointSpec) => DatasetInspection) {}
  async inspect(config: PointSpec): Promise<DatasetInspection> {
    this.asked.push(config);
    return this.answer(config);
  }
}

describe('data that an experiment goes on with', () => {
  it('are the same, or drawn', () => {
    expect(dataChange('own', BEFORE, BEFORE)).toBeNull();
    expect(dataChange(null, null, null)).toBeNull();
  });

  it('are told apart in a sentence that names data set, both fingerprints and a way out', () => {
    expect(dataChange('own', BEFORE, AFTER)).toBe(
      'the images of dataset "own" are not those this experiment began with (fingerprint abababababab, now cdcdcdcdcdcd): ' +
        'put them back as they were, or submit it again, as a new experiment',
    );
    expect(dataChange('own', null, AFTER)).toMatch(/^which images of dataset "own" .* was not recorded .*: submit it again/);
  });

  it('are looked at once per task, and only where they are read', async () => {
    const inspector = new FakeInspector(() => ready(BEFORE));
    const points = [imageFolder(2), imageFolder(2), imageFolder(3)].map((config) => ({ config, dataFingerprint: BEFORE }));
    await requireSameData([...points, { config: sinusoid, dataFingerprint: null }], inspector);
    expect(inspector.asked).toHaveLength(2);
  });

  it('are refused when one of them is another, or is gone', async () => {
    const points = ['own', 'other'].map((dataset) => ({ config: imageFolder(2, dataset), dataFingerprint: BEFORE }));
    const changed = new FakeInspector(({ task }) => ready('dataset' in task && task.dataset === 'other' ? AFTER : BEFORE));
    await expect(requireSameData(points, changed)).rejects.toThrow('the images of dataset "other" are not those');
    const gone = new FakeInspector(() => ({ kind: 'problem', problem: 'there is no folder' }));
    await expect(requireSameData(points, gone)).rejects.toThrow('there is no folder');
  });
});

describe('the data of a submission', () => {
  it.each([
    [['agents', 'count'], '/sweep/grid/agents.count'],
    [['agents'], '/sweep/grid/agents.count'],
    [['model'], '/base/model'],
    [undefined, '/base/task'],
  ])('that cannot be computed are blamed on %j, at %s', async (at, pointer) => {
    const inspector = new FakeInspector(() => ({ kind: 'problem', problem: 'too large', ...(at ? { at } : {}) }));
    await expect(checkData(dataNeedsOf(expanded.points), inspector)).rejects.toMatchObject({ faults: [{ pointer, message: 'too large' }] });
  });

  const expanded = expandExperiment({
    ...{ version: 1, name: 'test', idealTwins: false },
    base: { task: { family: 'image-folder', dataset: 'own', ways: 2 }, uplink: { kind: 'over-the-air' }, rounds: 5 },
    sweep: { grid: { 'task.imageSize': [14, 28], 'agents.count': [4, 8] } },
  });

  it('have a fingerprint at every point', async () => {
    const inspector = new FakeInspector(({ task }) => ready('imageSize' in task && task.imageSize === 14 ? BEFORE : AFTER));
    expect(await checkData(dataNeedsOf(expanded.points), inspector)).toEqual([BEFORE, BEFORE, AFTER, AFTER]);
  });

  it('are refused when they change while they are looked at', async () => {
    const changing = new FakeInspector(({ agents }) => ready(agents.count === 4 ? BEFORE : AFTER));
    await expect(checkData(dataNeedsOf(expanded.points), changing)).rejects.toMatchObject({
      faults: [{ pointer: '/base/task', message: expect.stringContaining('changed while they were read') as string }],
    });
  });
});
