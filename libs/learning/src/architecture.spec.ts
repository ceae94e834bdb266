import { randomStream } from '@airmeta/numerics';
import { describe, expect, it } from 'vitest';
import { architectureOf, convolvedSide, initialParameters, type Architecture, type ModelInterface } from './architecture.js';

const flat: ModelInterface = { inputSize: 3, outputSize: 2, loss: 'mean-squared-error' };
const images = (side: number, channels = 1): ModelInterface => ({
  inputSize: channels * side * side,
  image: [channels, side, side],
  outputSize: 5,
  loss: 'cross-entropy',
});

/** Sides of the images that each convolution takes, and of what the last one gives. */
function sidesOf({ layers }: Architecture): number[] {
  const sides = layers.flatMap((layer) => (layer.kind === 'convolution' ? [layer.height] : []));
  return [...sides, convolvedSide(sides[sides.length - 1])];
}

describe('architectures', () => {
  it('of a perceptron: W then b of each layer, one after the other, all but the last activated', () => {
    const architecture = architectureOf({ kind: 'mlp', hidden: [4, 6], activation: 'tanh' }, flat);
    expect(architecture.layers).toEqual([
      { kind: 'dense', inputs: 3, outputs: 4, offset: 0, activated: true },
      { kind: 'dense', inputs: 4, outputs: 6, offset: 4 * 3 + 4, activated: true },
      { kind: 'dense', inputs: 6, outputs: 2, offset: 4 * 3 + 4 + 6 * 4 + 6, activated: false },
    ]);
    expect(architecture).toMatchObject({ activation: 'tanh', loss: 'mean-squared-error', inputSize: 3, outputSize: 2, parameterCount: 60 });
  });

  it('of a linear model: one layer, not activated', () => {
    const architecture = architectureOf({ kind: 'linear' }, flat);
    expect(architecture.layers).toEqual([{ kind: 'dense', inputs: 3, outputs: 2, offset: 0, activated: false }]);
    expect(architecture.parameterCount).toBe(8);
    expect(architectureOf({ kind: 'mlp', hidden: [], activation: 'relu' }, flat)).toEqual(architecture);
  });

  it('of a convolutional network: kernels [out][in][3][3] then biases, and a dense layer over channel, row, column', () => {
    const architecture = architectureOf({ kind: 'cnn', filters: 4, blocks: 2, activation: 'relu' }, images(14, 3));
    const first = 4 * 3 * 9 + 4;
    const second = 4 * 4 * 9 + 4;
    expect(architecture.layers).toEqual([
      { kind: 'convolution', inChannels: 3, height: 14, width: 14, outChannels: 4, offset: 0 },
      { kind: 'convolution', inChannels: 4, height: 7, width: 7, outChannels: 4, offset: first },
      { kind: 'dense', inputs: 4 * 4 * 4, outputs: 5, offset: first + second, activated: false },
    ]);
    expect(architecture.parameterCount).toBe(first + second + 64 * 5 + 5);
  });

  it.each([
    [14, [14, 7, 4, 2]],
    [12, [12, 6, 3, 2]],
    [28, [28, 14, 7, 4]],
    [13, [13, 7, 4, 2]],
    [1, [1, 1, 1, 1]],
  ])('halve images of side %i to %j', (side, expected) => {
    expect(sidesOf(architectureOf({ kind: 'cnn', filters: 2, blocks: 3, activation: 'relu' }, images(side)))).toEqual(expected);
  });

  it('of the sizes known from the literature', () => {
    // The sine-wave network of Finn and others, and the reference's convolutional one of three blocks.
    expect(
      architectureOf({ kind: 'mlp', hidden: [40, 40], activation: 'relu' }, { ...flat, inputSize: 1, outputSize: 1 }).parameterCount,
    ).toBe(1761);
    const cnn = architectureOf({ kind: 'cnn', filters: 64, blocks: 4, activation: 'relu' }, images(28));
    expect(cnn.parameterCount).toBe(64 * 9 + 64 + 3 * (64 * 64 * 9 + 64) + 64 * 2 * 2 * 5 + 5);
  });

  it('refuse a convolutional network for inputs that are no images', () => {
    expect(() => architectureOf({ kind: 'cnn', filters: 4, blocks: 2, activation: 'relu' }, flat)).toThrow('a cnn needs image inputs');
  });
});

describe('initial weights', () => {
  /** The weights, without biases, of layer `index`, and its biases. */
  function layerOf(architecture: Architecture, theta: Float32Array, index: number): { weights: Float32Array; biases: Float32Array } {
    const layer = architecture.layers[index];
    const [fanIn, outputs] = layer.kind === 'dense' ? [layer.inputs, layer.outputs] : [layer.inChannels * 9, layer.outChannels];
    const end = layer.offset + fanIn * outputs;
    return { weights: theta.subarray(layer.offset, end), biases: theta.subarray(end, end + outputs) };
  }

  /** In either half of the weights. Chi-square with n degrees of freedom leaves n -2 sqrt(20 n) .. +2 sqrt(20 n) + 40 with probability 4e-9 [laurent2000]. */
  function expectVariance(weights: Float32Array, variance: number): void {
    const half = weights.length >> 1;
    for (const part of [weights.subarray(0, half), weights.subarray(half)]) {
      const n = part.length;
      const chiSquare = part.reduce((sum, weight) => sum + weight ** 2, 0) / variance;
      expect(chiSquare).toBeGreaterThan(n - 2 * Math.sqrt(20 * n));
      expect(chiSquare).toBeLessThan(n + 2 * Math.sqrt(20 * n) + 40);
      // The mean of n values deviates by sqrt(variance / n).
      expect(Math.abs(part.reduce((sum, weight) => sum + weight, 0) / n)).toBeLessThan(6 * Math.sqrt(variance / n));
    }
  }

  it.each([
    ['relu', 2],
    ['tanh', 1],
  ] as const)('of a perceptron with %s have variance %i/fan-in, of its output layer 1/fan-in, and biases are 0', (activation, gain) => {
    const architecture = architectureOf({ kind: 'mlp', hidden: [60, 50], activation }, { ...flat, inputSize: 80, outputSize: 40 });
    const theta = initialParameters(architecture, randomStream(1, 'initial-weights'));
    [gain / 80, gain / 60, 1 / 50].forEach((variance, index) => {
      const { weights, biases } = layerOf(architecture, theta, index);
      expectVariance(weights, variance);
      expect(biases).toEqual(new Float32Array(biases.length));
    });
  });

  it('of a convolutional network count nine taps per input channel as fan-in', () => {
    const architecture = architectureOf({ kind: 'cnn', filters: 24, blocks: 2, activation: 'relu' }, images(14, 8));
    const theta = initialParameters(architecture, randomStream(2, 'initial-weights'));
    [2 / (8 * 9), 2 / (24 * 9), 1 / (24 * 16)].forEach((variance, index) => {
      const { weights, biases } = layerOf(architecture, theta, index);
      expectVariance(weights, variance);
      expect(biases).toEqual(new Float32Array(biases.length));
    });
  });

  it('are drawn from their stream alone', () => {
    const architecture = architectureOf({ kind: 'linear' }, flat);
    const draw = (seed: number) => initialParameters(architecture, randomStream(seed, 'initial-weights'));
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });
});
