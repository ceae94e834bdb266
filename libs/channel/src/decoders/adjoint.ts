import type { Decoder } from './decoder.js';

/** (N/M) Re(A^H y): unbiased over random rows, no denoising. With N = d it is the reference's (d/M) Re(A^H y). */
export const decodeAdjoint: Decoder = ({ y, operator }) => {
  const x = new Float64Array(operator.d);
  operator.adjoint(y, x);
  const gain = operator.length / operator.uses;
  for (let index = 0; index < x.length; index++) x[index] *= gain;
  return x;
};
