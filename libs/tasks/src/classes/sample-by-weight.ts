import type { RandomStream } from '@airmeta/numerics';

/**
 * Draws distinct indices one after another, each with a probability proportional to its weight among those left: the
 * items whose exponential clocks of rate w_i ring first [efraimidis2006], in logarithms so that no weight is too small.
 * They come in random order: in the order drawn, a label would tell how likely a class is.
 * @param logWeights logarithms of the weights, any common constant added
 * @param count at most their number
 */
export function sampleByWeight(stream: RandomStream, logWeights: Float64Array, count: number): Int32Array {
  const ringing = logWeights.map((logWeight) => Math.log(-Math.log(1 - stream.uniform())) - logWeight);
  const first = Int32Array.from(ringing.keys())
    .sort((a, b) => ringing[a] - ringing[b] || a - b)
    .subarray(0, count);
  return stream.permutation(count).map((position) => first[position]);
}
