import { beforeAll, describe, expect, it } from 'vitest';
import { architectureOf, type Architecture } from './architecture.js';
import { fusedSupports } from './fused/fused-learner.js';
import { openLearnerEngines, type LearnerEngines } from './open-engines.js';

const shape = { inputSize: 36, image: [1, 6, 6], outputSize: 3, loss: 'cross-entropy' } as const;
const mlp = architectureOf({ kind: 'mlp', hidden: [4], activation: 'relu' }, shape);
const linear = architectureOf({ kind: 'linear' }, shape);
const cnn = architectureOf({ kind: 'cnn', filters: 2, blocks: 1, activation: 'relu' }, shape);

/** A dense layer in front of a convolution, which no specification can ask for and no fused kernel takes. */
const unfusable: Architecture = {
  layers: [
    { kind: 'dense', inputs: 36, outputs: 36, offset: 0, activated: true },
    { kind: 'convolution', inChannels: 1, height: 6, width: 6, outChannels: 2, offset: 36 * 37 },
    { kind: 'dense', inputs: 18, outputs: 3, offset: 36 * 37 + 20, activated: false },
  ],
  activation: 'relu',
  loss: 'cross-entropy',
  inputSize: 36,
  outputSize: 3,
  parameterCount: 36 * 37 + 20 + 57,
};

describe('learner engines', () => {
  let engines: LearnerEngines;

  beforeAll(async () => {
    engines = await openLearnerEngines();
  });

  it.each([
    ['a perceptron', mlp],
    ['a linear model', linear],
    ['a convolutional network', cnn],
    ['a model of another kind', unfusable],
  ])('auto is fused for %s where it has kernels, else tfjs', async (_, architecture) => {
    const engine = await engines.engineFor('auto', architecture);
    expect(engine.name).toMatch(fusedSupports(architecture) ? /^fused/ : /^tfjs/);
    expect(engine.createLearner(architecture).parameterCount).toBe(architecture.parameterCount);
  });

  it('fused has kernels for perceptrons and linear models, not for every network', () => {
    expect([mlp, linear, unfusable].map(fusedSupports)).toEqual([true, true, false]);
  });

  it('fused is refused for a model it has no kernels for, with a way out', async () => {
    await expect(engines.engineFor('fused', unfusable)).rejects.toThrow(/no kernels for this model: use engine auto or tfjs/);
    expect((await engines.engineFor('fused', mlp)).name).toMatch(/^fused/);
  });

  it('tfjs is there for every model, and opened once', async () => {
    const [first, second] = await Promise.all([engines.engineFor('tfjs', mlp), engines.engineFor('tfjs', cnn)]);
    expect(first.name).toMatch(/^tfjs-(tensorflow|wasm) \d+\.\d+\.\d+$/);
    expect(second).toBe(first);
  });

  it('are summed up in a line', () => {
    expect(engines.summary).toMatch(/^fused-\w+ \d+ .*tfjs-(tensorflow|wasm)/);
  });
});
