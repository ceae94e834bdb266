import type { Batch } from '../task-environment.js';
import { QuadraticLoss } from './quadratic-loss.js';

/**
 * Losses of a linear model after one inner step, exact expectations over the batches.
 *
 * The model has parameters theta = (W, b) [d], d = p + 1, and sees z = (x, 1); a task w has the true parameters
 * w' = (w, 0). With the loss f(theta; D) = mean (z . theta - y)^2, no factor 1/2, one step of size alpha on a support set
 * S of K samples leads to
 *
 *     phi = theta - (2 alpha / K) sum_{i in S} z_i (z_i . theta - y_i).
 */

/** A task as a loss of theta after one step, when support and query are new samples of it. */
export interface FreshSamples {
  /** a [d]: the loss of task w is sum_j a_j (theta_j - w'_j)^2 + constant. */
  readonly weights: Float64Array;
  readonly constant: number;
}

/**
 * Support and query drawn anew, x ~ N(0, diag(lambda)), H = E[z z^T] = diag(lambda, 1). Since
 * phi - w' = (I - 2 alpha S)(theta - w') + (2 alpha / K) Z^T e with S = Z^T Z / K, the loss is
 *
 *     (theta - w')^T E[(I - 2 alpha S) H (I - 2 alpha S)] (theta - w') + sigma^2 + 4 alpha^2 sigma^2 tr(H^2) / K,
 *     E[S H S] = (1 - 1/K) H^3 + (1/K) E[(z^T H z) z z^T],
 *
 * and by the fourth moments of a Gaussian E[(z^T H z) z_i^2] is lambda_i (t + 1) + 2 lambda_i^3 for an input and t + 1 for
 * the bias, t = sum lambda^2; all these matrices are diagonal. (Without the bias this is the Wishart moment
 * E[S^2] = (1 + (p + 1)/K) I when lambda = 1.)
 * @param lambda [p] variances of the inputs
 * @param shots K
 * @param innerStep alpha
 * @param noiseVariance sigma^2
 */
export function freshSamples(lambda: Float64Array, shots: number, innerStep: number, noiseVariance: number): FreshSamples {
  const trace = lambda.reduce((sum, value) => sum + value * value, 0) + 1; // tr(H^2)
  const weight = (h: number, fourthMoment: number) =>
    h - 4 * innerStep * h ** 2 + 4 * innerStep ** 2 * ((1 - 1 / shots) * h ** 3 + fourthMoment / shots);
  return {
    weights: Float64Array.of(...lambda.map((h) => weight(h, h * trace + 2 * h ** 3)), weight(1, trace)),
    constant: noiseVariance * (1 + (4 * innerStep ** 2 * trace) / shots),
  };
}

/** The loss of task w under {@link freshSamples}. @param weights w [p] */
export function freshLoss(fresh: FreshSamples, weights: ArrayLike<number>): QuadraticLoss {
  const d = fresh.weights.length;
  const loss = new QuadraticLoss(d).addConstant(fresh.constant);
  fresh.weights.forEach((weight, index) => loss.addSquare(distanceTo(index, d, weights), weight));
  return loss;
}

/** u with u . (theta, -1) = theta_index - w'_index. */
function distanceTo(index: number, d: number, weights: ArrayLike<number>): Float64Array {
  const u = new Float64Array(d + 1);
  u[index] = 1;
  u[d] = index < d - 1 ? weights[index] : 0;
  return u;
}

/**
 * Variance of the mean of K of M values, drawn without replacement, as a multiple of the variance of the M.
 */
function shareOfVariance(drawn: number, population: number): number {
  return drawn === population ? 0 : (population - drawn) / (drawn * (population - 1));
}

/** u_i = (x_i, 1, y_i) of every sample of a pool. */
function augmented({ size, x, y }: Batch): Float64Array[] {
  const p = x.length / size;
  return Array.from({ length: size }, (_, row) => Float64Array.of(...x.subarray(row * p, (row + 1) * p), 1, y[row]));
}

/** z . z' of augmented samples: all but the targets. */
function inputProduct(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < a.length - 1; index++) sum += a[index] * b[index];
  return sum;
}

/**
 * The training loss of a task with a finite pool: support and query are disjoint, drawn from it without replacement.
 *
 * A query q is any sample of the N, and its support any K of the other M = N - 1. Its residual is linear in v = (theta, -1):
 * (u_q - (2 alpha / K) sum_{i in S} k_qi u_i) . v with k_qi = z_q . z_i, so its expected square needs only mean and
 * covariance of a sample mean without replacement. The number of queries does not matter.
 * @param pool the training samples of the task, N > K
 */
export function pooledTrainingLoss(pool: Batch, shots: number, innerStep: number): QuadraticLoss {
  const samples = augmented(pool);
  const n = samples.length;
  const others = n - 1;
  const spread = 4 * innerStep ** 2 * shareOfVariance(shots, others);
  const squares = new Float64Array(n);
  const loss = new QuadraticLoss(samples[0].length - 1);
  for (const query of samples) {
    const mean = new Float64Array(query.length);
    samples.forEach((other, index) => {
      if (other === query) return;
      const product = inputProduct(query, other);
      squares[index] += product * product;
      for (let at = 0; at < mean.length; at++) mean[at] += (product * other[at]) / others;
    });
    loss.addSquare(
      query.map((value, at) => value - 2 * innerStep * mean[at]),
      1 / n,
    );
    loss.addSquare(mean, -spread / n);
  }
  samples.forEach((sample, index) => loss.addSquare(sample, (spread * squares[index]) / (n * others)));
  return loss;
}

/**
 * The loss of a task whose support is drawn from its pool without replacement and whose queries are new samples, as the
 * evaluation set `train` has it. Entry j of phi - w' is linear in v = (theta, -1), with the mean over the support of
 * z_ij u_i in it; entries count with H = diag(lambda, 1).
 * @param weights w [p]
 */
export function pooledEvaluationLoss(
  pool: Batch,
  weights: ArrayLike<number>,
  lambda: Float64Array,
  noiseVariance: number,
  shots: number,
  innerStep: number,
): QuadraticLoss {
  const samples = augmented(pool);
  const n = samples.length;
  const d = lambda.length + 1;
  const spread = 4 * innerStep ** 2 * shareOfVariance(shots, n);
  const h = (index: number) => (index < d - 1 ? lambda[index] : 1);
  const loss = new QuadraticLoss(d).addConstant(noiseVariance);
  for (let index = 0; index < d; index++) {
    const mean = new Float64Array(d + 1);
    for (const sample of samples) for (let at = 0; at <= d; at++) mean[at] += (sample[index] * sample[at]) / n;
    const distance = distanceTo(index, d, weights);
    loss.addSquare(
      distance.map((value, at) => value - 2 * innerStep * mean[at]),
      h(index),
    );
    loss.addSquare(mean, -spread * h(index));
  }
  for (const sample of samples) {
    let square = 0;
    for (let index = 0; index < d; index++) square += h(index) * sample[index] ** 2;
    loss.addSquare(sample, (spread * square) / n);
  }
  return loss;
}
