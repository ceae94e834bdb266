/** Forward passes for a stack of agents, each with parameters of its own, out of ops whose gradients are differentiable. */
import * as tf from '@tensorflow/tfjs';
import { hyperbolicTangent, logSoftmax, product, transposed } from './differentiable-ops.js';
import { convolvedSide, type Activation, type Architecture, type ConvolutionLayer, type DenseLayer } from '../architecture.js';

function activate(x: tf.Tensor, activation: Activation): tf.Tensor {
  return activation === 'relu' ? tf.relu(x) : hyperbolicTangent(x);
}

/** Columns [offset, offset + size) of theta [agents][d]. */
function parameters(theta: tf.Tensor2D, offset: number, shape: readonly number[]): tf.Tensor {
  const size = shape.reduce((product, side) => product * side, 1);
  return tf.reshape(tf.slice(theta, [0, offset], [theta.shape[0], size]), [theta.shape[0], ...shape]);
}

/** x [agents][batch][inputs] -> [agents][batch][outputs]. */
function dense(theta: tf.Tensor2D, layer: DenseLayer, x: tf.Tensor): tf.Tensor {
  const weights = parameters(theta, layer.offset, [layer.outputs, layer.inputs]);
  const bias = parameters(theta, layer.offset + layer.outputs * layer.inputs, [1, layer.outputs]);
  return tf.add(product(x, transposed(weights)), bias);
}

/**
 * x [agents][batch][inChannels * height * width] -> [agents][batch][outChannels * outHeight * outWidth], both
 * channel-major. Convolution as patches times matrix: conv2d's own gradient is not differentiable. Stride 2 splits the
 * padded image into 2 x 2 phases, and each of the nine kernel taps is a slice of one phase.
 */
function convolution(theta: tf.Tensor2D, layer: ConvolutionLayer, x: tf.Tensor): tf.Tensor {
  const { inChannels, height, width, outChannels } = layer;
  const [agents, batch] = x.shape;
  const images = agents * batch;
  const outHeight = convolvedSide(height);
  const outWidth = convolvedSide(width);
  const paddedHeight = 2 * (outHeight + 1);
  const paddedWidth = 2 * (outWidth + 1);
  const padded = tf.pad(tf.reshape(x, [images * inChannels, height, width]), [
    [0, 0],
    [1, paddedHeight - height - 1],
    [1, paddedWidth - width - 1],
  ]);
  // [image x channel, rowPhase, columnPhase, row, column] with padded pixel (2 row + rowPhase, 2 column + columnPhase)
  const phases = tf.transpose(tf.reshape(padded, [images * inChannels, outHeight + 1, 2, (outWidth + 1) * 2]), [0, 2, 1, 3]);
  const taps: tf.Tensor[] = [];
  for (let ky = 0; ky < 3; ky++) {
    const rows = tf.slice(phases, [0, ky % 2, ky >> 1, 0], [images * inChannels, 1, outHeight, (outWidth + 1) * 2]);
    const columns = tf.transpose(tf.reshape(rows, [images * inChannels, outHeight, outWidth + 1, 2]), [0, 3, 1, 2]);
    for (let kx = 0; kx < 3; kx++) {
      const tap = tf.slice(columns, [0, kx % 2, 0, kx >> 1], [images * inChannels, 1, outHeight, outWidth]);
      taps.push(tf.reshape(tap, [images, inChannels, 1, outHeight * outWidth]));
    }
  }
  // [agents][batch x positions][inChannels x 9]
  const patches = tf.reshape(tf.transpose(tf.reshape(tf.concat(taps, 2), [images, inChannels * 9, outHeight * outWidth]), [0, 2, 1]), [
    agents,
    batch * outHeight * outWidth,
    inChannels * 9,
  ]);
  const kernel = parameters(theta, layer.offset, [outChannels, inChannels * 9]);
  const bias = parameters(theta, layer.offset + outChannels * inChannels * 9, [1, outChannels]);
  const responses = tf.add(product(patches, transposed(kernel)), bias);
  const channelMajor = tf.transpose(tf.reshape(responses, [images, outHeight * outWidth, outChannels]), [0, 2, 1]);
  return tf.reshape(channelMajor, [agents, batch, outChannels * outHeight * outWidth]);
}

/**
 * Logits or predictions of every agent.
 * @param theta [agents][d]
 * @param x [agents][batch][inputSize]
 * @returns [agents][batch][outputSize]
 */
export function forward(architecture: Architecture, theta: tf.Tensor2D, x: tf.Tensor3D): tf.Tensor3D {
  let activations: tf.Tensor = x;
  for (const layer of architecture.layers) {
    if (layer.kind === 'dense') {
      activations = dense(theta, layer, activations);
      if (layer.activated) activations = activate(activations, architecture.activation);
    } else {
      activations = activate(convolution(theta, layer, activations), architecture.activation);
    }
  }
  return activations as tf.Tensor3D;
}

/**
 * Sum over agents of each agent's batch loss; as agents share nothing, its gradient holds every agent's own gradient.
 * @param y one-hot labels or targets [agents][batch][outputSize]
 */
export function summedLoss(architecture: Architecture, theta: tf.Tensor2D, x: tf.Tensor3D, y: tf.Tensor3D): tf.Scalar {
  const outputs = forward(architecture, theta, x);
  const batch = x.shape[1];
  if (architecture.loss === 'cross-entropy') {
    return tf.div(tf.neg(tf.sum(tf.mul(logSoftmax(outputs), y))), batch);
  }
  return tf.div(tf.sum(tf.square(tf.sub(outputs, y))), batch * architecture.outputSize);
}
