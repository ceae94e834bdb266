/**
 * An architecture as the kernels see it. Activations of convolutions are stored channels last, and their channels are padded to a
 * multiple of four by channels whose weights are 0 and stay 0; so every convolution is a product without ragged edges. A
 * perceptron is what it is.
 */
import { convolvedSide, type Architecture, type ConvolutionLayer, type DenseLayer } from '../architecture.js';

/** y = W x + b at every position: W [outputs][inputs] at `weights`, b [outputs] at `bias`, offsets in an inner parameter vector. */
export interface InnerLayer {
  readonly inputs: number;
  readonly outputs: number;
  readonly positions: number;
  /** Input image of a convolution; all 0 for a dense layer. */
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly weights: number;
  readonly bias: number;
}

export interface InnerModel {
  readonly layers: readonly InnerLayer[];
  /** Numbers of an inner parameter vector. */
  readonly size: number;
  /** Where each number of theta lies in an inner vector [d], in numbers; null where that is its own place. */
  readonly order: Int32Array | null;
}

/** Numbers per row where rows are read and written in vectors of four. */
export function padded(count: number): number {
  return Math.ceil(count / 4) * 4;
}

/** What the layers below a layer hand up: `channels` of `paddedChannels` at each position. */
interface Features {
  readonly channels: number;
  readonly paddedChannels: number;
  readonly positions: number;
}

function innerConvolution(layer: ConvolutionLayer, isFirst: boolean, weights: number): InnerLayer {
  const { height, width } = layer;
  const channels = isFirst ? layer.inChannels : padded(layer.inChannels);
  const inputs = 9 * channels;
  const outputs = padded(layer.outChannels);
  const positions = convolvedSide(height) * convolvedSide(width);
  return { inputs, outputs, positions, channels, height, width, weights, bias: weights + outputs * inputs };
}

function innerDense(layer: DenseLayer, below: Features, weights: number): InnerLayer {
  const inputs = below.positions * below.paddedChannels;
  const { outputs } = layer;
  return { inputs, outputs, positions: 1, channels: 0, height: 0, width: 0, weights, bias: weights + outputs * inputs };
}

/** Writes where the weights [outChannels][inChannels][3][3] of a convolution go: [outputs][3][3][channels], the first one's as they are. */
function orderConvolution(layer: ConvolutionLayer, inner: InnerLayer, isFirst: boolean, order: Int32Array): void {
  let at = layer.offset;
  for (let output = 0; output < layer.outChannels; output++) {
    for (let channel = 0; channel < layer.inChannels; channel++) {
      for (let tap = 0; tap < 9; tap++) {
        const column = isFirst ? channel * 9 + tap : tap * inner.channels + channel;
        order[at++] = inner.weights + output * inner.inputs + column;
      }
    }
  }
  for (let output = 0; output < layer.outChannels; output++) order[at++] = inner.bias + output;
}

/** The same for a dense layer [outputs][channel][position]: [outputs][position][padded channels]. */
function orderDense(layer: DenseLayer, inner: InnerLayer, below: Features, order: Int32Array): void {
  let at = layer.offset;
  for (let output = 0; output < layer.outputs; output++) {
    for (let channel = 0; channel < below.channels; channel++) {
      for (let position = 0; position < below.positions; position++) {
        order[at++] = inner.weights + output * inner.inputs + position * below.paddedChannels + channel;
      }
    }
  }
  for (let output = 0; output < layer.outputs; output++) order[at++] = inner.bias + output;
}

/** The kernels' view of an architecture. */
export function innerModelOf(architecture: Architecture): InnerModel {
  const order = new Int32Array(architecture.parameterCount);
  const layers: InnerLayer[] = [];
  let below: Features = { channels: architecture.inputSize, paddedChannels: architecture.inputSize, positions: 1 };
  let size = 0;
  architecture.layers.forEach((layer, index) => {
    const isFirst = index === 0;
    if (layer.kind === 'convolution') {
      const inner = innerConvolution(layer, isFirst, size);
      orderConvolution(layer, inner, isFirst, order);
      layers.push(inner);
      below = { channels: layer.outChannels, paddedChannels: inner.outputs, positions: inner.positions };
    } else {
      const inner = innerDense(layer, below, size);
      orderDense(layer, inner, below, order);
      layers.push(inner);
      below = { channels: layer.outputs, paddedChannels: layer.outputs, positions: 1 };
    }
    const { inputs, outputs } = layers[index];
    size += (inputs + 1) * outputs;
  });
  const isIdentity = layers.every((layer) => layer.channels === 0);
  return { layers, size, order: isIdentity ? null : order };
}
