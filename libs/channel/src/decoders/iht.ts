import { topK } from '../sparsify.js';
import type { Decoder } from './decoder.js';

export const IHT_ITERATIONS = 20;

/**
 * Iterative hard thresholding [blumensath2009], unit step:
 * x <- top_K( x + Re A^H (y - A x) ), 20 iterations from 0, K = min(d, s k).
 */
export const decodeIht: Decoder = ({ y, operator, entriesPerAgent, transmitters }) => {
  const d = operator.d;
  const kept = Math.min(d, transmitters * entriesPerAgent);
  let x = new Float64Array(d);
  const step = new Float64Array(d);
  for (let iteration = 0; iteration < IHT_ITERATIONS; iteration++) {
    const residual = operator.apply(x);
    for (let use = 0; use < operator.uses; use++) {
      residual.re[use] = y.re[use] - residual.re[use];
      residual.im[use] = y.im[use] - residual.im[use];
    }
    operator.adjoint(residual, step);
    for (let index = 0; index < d; index++) step[index] += x[index];
    x = new Float64Array(d);
    for (const index of topK(Float32Array.from(step), kept)) x[index] = step[index];
  }
  return x;
};
