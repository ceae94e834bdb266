import { describe, expect, it } from 'vitest';
import { expandExperiment } from './expand-sweep.js';
import { extendExperiment } from './extend-experiment.js';
import { InvalidSpecificationError } from './fault.js';

const document = (tune: object | undefined, rest: object = {}) => ({
  version: 1,
  name: 'tuned',
  base: { task: { family: 'sinusoid' } },
  sweep: { grid: { 'uplink.snr': ['-10 dB', '10 dB'], 'meta.metaStep': [0.1, 0.2, 0.4] } },
  replicates: 10,
  ...(tune ? { tune } : {}),
  ...rest,
});
const TUNE = { axis: 'meta.metaStep', replicates: 4 };

function sentences(input: unknown): string[] {
  try {
    expandExperiment(input);
  } catch (error) {
    if (error instanceof InvalidSpecificationError) return error.faults.map(({ pointer, message }) => `${pointer}  ${message}`);
    throw error;
  }
  return [];
}

describe('tuning', () => {
  it('chooses by new tasks unless told otherwise', () => {
    expect(expandExperiment(document(TUNE)).envelope.tune).toEqual({ ...TUNE, by: 'new-tasks' });
    expect(expandExperiment(document({ ...TUNE, by: 'rounds-to-target' })).envelope.tune?.by).toBe('rounds-to-target');
  });

  it('is part of what the experiment is, and left out of the hash where there is none', () => {
    const [plain, tuned] = [expandExperiment(document(undefined)), expandExperiment(document(TUNE))];
    expect(plain.normalized).not.toHaveProperty('tune');
    expect(tuned.normalized).toHaveProperty('tune', { ...TUNE, by: 'new-tasks' });
    expect(tuned.hash).not.toBe(plain.hash);
    expect(tuned.points).toEqual(plain.points);
    expect(expandExperiment(tuned.normalized).hash).toBe(tuned.hash);
  });

  it.each([
    [{ ...TUNE, axis: 'meta.innerStep' }, {}, '/tune/axis  this is no axis of the sweep: its axes are uplink.snr, meta.metaStep'],
    [TUNE, { sweep: {} }, '/tune/axis  this is no axis of the sweep: it has none'],
    [
      TUNE,
      { sweep: { grid: { 'meta.metaStep': [0.1] } } },
      '/tune/axis  this axis has one value, so there is nothing to choose; allowed is an axis with two at least',
    ],
    [
      { ...TUNE, axis: 'task.shots' },
      { sweep: { grid: { 'task.shots': [5, 10] } } },
      '/tune/axis  points that differ in task are not scored alike, so none of them can be chosen; allowed is an axis outside of task, evaluate, rounds',
    ],
    [
      { ...TUNE, axis: 'rounds' },
      { sweep: { grid: { rounds: [5, 10] } } },
      '/tune/axis  points that differ in rounds are not scored alike, so none of them can be chosen; allowed is an axis outside of task, evaluate, rounds',
    ],
    [{ ...TUNE, replicates: 10 }, {}, '/tune/replicates  10 of 10 replicates choose and none is left to judge; allowed are at most 9'],
    [
      { ...TUNE, replicates: 1 },
      { replicates: 1 },
      '/tune/replicates  1 of 1 replicates choose and none is left to judge; ask for two replicates at least',
    ],
    [{ ...TUNE, by: 'luck' }, {}, '/tune/by  "luck" is not allowed here; allowed are new-tasks, rounds-to-target'],
    [{ axis: 'meta.metaStep' }, {}, '/tune/replicates  is missing; expected a whole number in 1..9999'],
  ])('%j with %j is refused', (tune, rest, sentence) => {
    expect(sentences(document(tune, rest))).toEqual([sentence]);
  });

  it('is told of together with everything else that is wrong', () => {
    expect(sentences(document({ ...TUNE, replicates: 12 }, { base: { task: { family: 'sinusoid' }, rounds: 0 } }))).toHaveLength(2);
  });

  it('goes on when replicates are added: those that chose still do', () => {
    const { expanded } = extendExperiment(expandExperiment(document(TUNE)).normalized, { replicates: 20 });
    expect(expanded.envelope.tune).toEqual({ ...TUNE, by: 'new-tasks' });
  });
});
