import { expect, it } from 'vitest';
import { architectureOf, type ModelOptions } from './architecture.js';
import { parameterTensors } from './parameter-tensors.js';

const shape = { inputSize: 50, image: [2, 5, 5], outputSize: 3, loss: 'cross-entropy' } as const;
const models: ModelOptions[] = [
  { kind: 'mlp', hidden: [7, 6], activation: 'tanh' },
  { kind: 'cnn', filters: 4, blocks: 2, activation: 'relu' },
  { kind: 'linear' },
];

it.each(models)('the tensors of a $kind lie one behind the other in theta, and are all of it', (model) => {
  const architecture = architectureOf(model, shape);
  let at = 0;
  parameterTensors(architecture).forEach((tensor, index) => {
    const layer = architecture.layers[index >> 1];
    expect(tensor.name).toBe(`layers.${index >> 1}.${index % 2 === 0 ? 'weight' : 'bias'}`);
    if (index % 2 === 0) expect(at).toBe(layer.offset);
    at += tensor.shape.reduce((product, side) => product * side, 1);
  });
  expect(at).toBe(architecture.parameterCount);
});

it('tensors have the shapes of weights [outputs][inputs] and kernels [outChannels][inChannels][3][3]', () => {
  expect(parameterTensors(architectureOf(models[1], shape)).map((tensor) => tensor.shape)).toEqual([
    [4, 2, 3, 3],
    [4],
    [4, 4, 3, 3],
    [4],
    [3, 16],
    [3],
  ]);
});
