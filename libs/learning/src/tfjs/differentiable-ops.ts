/**
 * Ops with gradients that can be differentiated again, and that are fast on the WebAssembly backend.
 *
 * TensorFlow.js saves the *output* of tanh, exp and log-softmax for their gradients, and puts that copy on the tape before
 * the op itself, so a second derivative silently misses the path through it. The ops here save their inputs instead and
 * express their gradients in each other. The product avoids transposed operands, for which the WebAssembly kernel falls
 * back to a scalar loop: an explicit transpose and its fast path are many times quicker.
 */
import * as tf from '@tensorflow/tfjs';

type UnaryOp = (x: tf.Tensor) => tf.Tensor;

/** tf.customGrad with the inputs saved for the gradient; its own type cannot say that `save` comes last. */
function savingInputs<Inputs extends tf.Tensor[]>(
  value: (...inputs: Inputs) => tf.Tensor,
  gradient: (dy: tf.Tensor, ...inputs: Inputs) => tf.Tensor | tf.Tensor[],
): (...inputs: Inputs) => tf.Tensor {
  const op = (...inputsAndSave: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const inputs = inputsAndSave.slice(0, -1) as Inputs;
    const save = inputsAndSave.at(-1) as tf.GradSaveFunc;
    save(inputs);
    return { value: value(...inputs), gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => gradient(dy, ...(saved as Inputs)) };
  };
  return tf.customGrad(op);
}

/** e^x. */
export const exponential: UnaryOp = savingInputs(
  (x: tf.Tensor) => tf.exp(x),
  (dy, x) => tf.mul(dy, exponential(x)),
);

/** tanh x. */
export const hyperbolicTangent: UnaryOp = savingInputs(
  (x: tf.Tensor) => tf.tanh(x),
  (dy, x) => tf.mul(dy, tf.sub(1, tf.square(hyperbolicTangent(x)))),
);

/** log softmax over the last axis. */
export const logSoftmax: UnaryOp = savingInputs(
  (x: tf.Tensor) => tf.logSoftmax(x),
  (dy, x) => tf.sub(dy, tf.mul(tf.sum(dy, -1, true), exponential(logSoftmax(x)))),
);

/** Swaps the last two axes of a stack of matrices. */
export function transposed(matrices: tf.Tensor): tf.Tensor {
  return tf.transpose(matrices, [0, 2, 1]);
}

/** Stack of matrix products: a [n][p][q], b [n][q][r] -> [n][p][r]. */
export const product: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor = savingInputs(
  (a: tf.Tensor, b: tf.Tensor) => tf.matMul(a, b),
  (dy, a, b) => [product(dy, transposed(b)), product(transposed(a), dy)],
);
