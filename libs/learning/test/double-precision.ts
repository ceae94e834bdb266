/**
 * Losses in double precision, straight from the definitions and without a single derivative written by hand: what derivatives
 * there are, are differences of them. Slow, and shares nothing with the engines it is to judge.
 */
import { convolvedSide, type Architecture, type ConvolutionLayer, type DenseLayer } from '../src/architecture.js';
import type { LearnerBatch } from '../src/learner.js';

function dense(theta: Float64Array, layer: DenseLayer, x: Float64Array): Float64Array {
  const bias = layer.offset + layer.outputs * layer.inputs;
  return Float64Array.from({ length: layer.outputs }, (_, output) => {
    let sum = theta[bias + output];
    for (let input = 0; input < layer.inputs; input++) sum += theta[layer.offset + output * layer.inputs + input] * x[input];
    return sum;
  });
}

function convolution(theta: Float64Array, layer: ConvolutionLayer, x: Float64Array): Float64Array {
  const { inChannels, height, width, outChannels, offset } = layer;
  const [rows, columns] = [convolvedSide(height), convolvedSide(width)];
  const result = new Float64Array(outChannels * rows * columns);
  for (let channel = 0, at = 0; channel < outChannels; channel++) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++, at++) {
        result[at] = theta[offset + outChannels * inChannels * 9 + channel];
        for (let tap = 0; tap < inChannels * 9; tap++) {
          const [input, ky, kx] = [Math.floor(tap / 9), Math.floor((tap % 9) / 3), tap % 3];
          const [y, z] = [2 * row + ky - 1, 2 * column + kx - 1];
          if (y < 0 || y >= height || z < 0 || z >= width) continue;
          result[at] += theta[offset + channel * inChannels * 9 + tap] * x[(input * height + y) * width + z];
        }
      }
    }
  }
  return result;
}

function outputs(architecture: Architecture, theta: Float64Array, x: Float64Array): Float64Array {
  const sigma = architecture.activation === 'tanh' ? Math.tanh : (z: number) => Math.max(z, 0);
  let activations = x;
  for (const layer of architecture.layers) {
    const z = layer.kind === 'dense' ? dense(theta, layer, activations) : convolution(theta, layer, activations);
    activations = layer.kind === 'dense' && !layer.activated ? z : z.map(sigma);
  }
  return activations;
}

/** f(theta; B). */
export function batchLoss(architecture: Architecture, theta: Float64Array, batch: LearnerBatch): number {
  const { inputSize, outputSize } = architecture;
  let sum = 0;
  for (let sample = 0; sample < batch.size; sample++) {
    const z = outputs(architecture, theta, Float64Array.from(batch.x.subarray(sample * inputSize, (sample + 1) * inputSize)));
    if (architecture.loss === 'cross-entropy') {
      const largest = Math.max(...z);
      sum += Math.log(z.reduce((total, value) => total + Math.exp(value - largest), 0)) + largest - z[batch.y[sample]];
    } else {
      z.forEach((value, output) => (sum += (value - batch.y[sample * outputSize + output]) ** 2 / outputSize));
    }
  }
  return sum / batch.size;
}

/** Truncation h^4/30 f''''' is some 1e-11 for models of size one, rounding 3/(2h) times a few 1e-16 far less. */
const H = 1e-3;

/** Gradient of a function by five-point differences. */
export function gradientOf(f: (theta: Float64Array) => number, theta: Float64Array): Float64Array {
  return theta.map((_, index) => {
    const at = (step: number) => f(theta.with(index, theta[index] + step * H));
    return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * H);
  });
}

/** phi_J: theta after J steps of size alpha on a batch. */
export function adapted(architecture: Architecture, theta: Float64Array, batch: LearnerBatch, alpha: number, steps: number): Float64Array {
  let phi = theta;
  for (let step = 0; step < steps; step++) {
    const gradient = gradientOf((at) => batchLoss(architecture, at, batch), phi);
    phi = phi.map((value, index) => value - alpha * gradient[index]);
  }
  return phi;
}
