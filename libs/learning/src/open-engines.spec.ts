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
  ])('auto is fused for %s', async (_, architecture) => {
    const engine = await engines.engineFor('auto', architecture);
    expect(engine.name).toMatch(/^fused/);
    expect(engine.createLearner(architecture).parameterCount).toBe(architecture.parameterCount);
    expect(await engines.engineFor('fused', architecture)).toBe(engine);
  });

  it('auto is tfjs where fused has no kernels', async () => {
    expect(fusedSupports(unfusable)).toBe(false);
    const engine = await engines.engineFor('auto', unfusable);
    expect(engine.name).toMatch(/^tfjs/);
    expect(engine.createLearner(unfusable).parameterCount).toBe(unfusable.parameterCount);
  });

  it('fused is refused for a model it has no kernels for, with a way out', async () => {
    await expect(engines.engineFor('fused', unfusable)).rejects.toThrow(/no kernels for this model: use engine auto or tfjs/);
  });

  it('tfjs is there for every model, and opened once', async () => {
    const [first, second] = await Promise.all([engines.engineFor('tfjs', mlp), engines.engineFor('tfjs', cnn)]);
    expect(first.name).toMatch(/^tfjs-(tensorflow|wasm) \d+\.\d+\.\d+$/);
    expect(second).toBe(first);
  });

  it('are summed up in a line', () => {
    expect(engines.summary).toMatch(/^fused-\w+ \d+.*\b(tensorflow|wasm)\b/);
    expect(engines.summary).not.toContain('\n');
  });
});
