import { complexEnergy } from '@airmeta/numerics';
import type { Decoder } from './decoder.js';

const MAX_ITERATIONS = 40;
const STALLED_ITERATIONS = 4;
const ENERGY_FLOOR = 1e-3;
const VARIANCE_FLOOR = 1e-10;
const NOISE_FLOOR = 1e-12;

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

/**
 * Orthogonal approximate message passing [ma2017] for a real Bernoulli-Gaussian x seen through rows of a DFT, with its
 * density and power learnt by expectation maximisation. Conjugate symmetry is used: y is folded to the half spectrum,
 * where bin f has noise N0 / looks(f).
 *
 * Each iteration alternates a linear estimate that is unbiased by construction,
 *   r = x + F^H [ (g/G) (Y - F x) ],  g_f = v / (v + N0/looks_f) on observed bins,  G = mean of g over all N bins,
 * whose error variance is ve = v (1 - G) / G, and the posterior mean of x given r, made orthogonal to r again. The
 * posterior of smallest predicted variance is kept, so a diverging tail does no harm; iterations end when the prediction
 * has not improved for four of them, after 40, or when the denoiser gains nothing.
 *
 * Departure from the plain algorithm: with a padded transform (N > d) only the first d samples can be non-zero, so the
 * error variance per bin is v d / N.
 */
export const decodeOamp: Decoder = ({ y, operator, noiseVariance, entriesPerAgent, transmitters }) => {
  const { d, length, observed, looks, multiplicity } = operator;
  const estimate = new Float64Array(d);
  const receivedPower = complexEnergy(y) / operator.uses;
  if (!(receivedPower > 0)) return estimate;

  const amplitude = Math.sqrt(receivedPower);
  const noise = Math.max(noiseVariance / receivedPower, NOISE_FLOOR);
  const occupied = d / length;
  const energy = Math.max(1 - noise, ENERGY_FLOOR) / occupied;
  const floor = VARIANCE_FLOOR * energy;

  const bins = looks.length;
  const yRe = new Float64Array(bins);
  const yIm = new Float64Array(bins);
  operator.fold(y, yRe, yIm);
  const xRe = new Float64Array(bins);
  const xIm = new Float64Array(bins);
  const residualRe = new Float64Array(bins);
  const residualIm = new Float64Array(bins);
  const gain = new Float64Array(bins);
  const x = new Float64Array(d);
  const r = new Float64Array(d);
  const posterior = new Float64Array(d);

  let density = clamp(1 - (1 - entriesPerAgent / d) ** transmitters, 1e-5, 0.5);
  let power = energy / density;
  let variance = energy;
  let best = Infinity;
  let stalled = 0;

  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    const binVariance = variance * occupied;
    let gainSum = 0;
    for (const bin of observed) {
      gain[bin] = binVariance / (binVariance + noise / looks[bin]);
      gainSum += multiplicity[bin] * gain[bin];
    }
    const meanGain = gainSum / length;
    for (const bin of observed) {
      const scale = gain[bin] / meanGain;
      residualRe[bin] = scale * (yRe[bin] / amplitude - xRe[bin]);
      residualIm[bin] = scale * (yIm[bin] / amplitude - xIm[bin]);
    }
    operator.signal(residualRe, residualIm, r);
    const errorVariance = Math.max((binVariance * (1 - meanGain)) / meanGain, floor);

    const shrink = power / (power + errorVariance);
    const slope = shrink / (2 * errorVariance);
    const offset = Math.log(density / (1 - density)) + 0.5 * Math.log(errorVariance / (errorVariance + power));
    let posteriorVariance = 0;
    let probabilitySum = 0;
    let secondMoment = 0;
    for (let index = 0; index < d; index++) {
      const value = x[index] + r[index];
      r[index] = value;
      const probability = 1 / (1 + Math.exp(-(slope * value * value + offset)));
      const conditionalMean = shrink * value;
      posterior[index] = probability * conditionalMean;
      const square = conditionalMean * conditionalMean;
      posteriorVariance += probability * (shrink * errorVariance + (1 - probability) * square);
      probabilitySum += probability;
      secondMoment += probability * (square + shrink * errorVariance);
    }
    posteriorVariance /= d;

    if (posteriorVariance < 0.999 * best) {
      best = posteriorVariance;
      estimate.set(posterior);
      stalled = 0;
    } else if (++stalled >= STALLED_ITERATIONS) break;

    density = clamp(probabilitySum / d, 1e-5, 0.95);
    power = Math.max(secondMoment / Math.max(probabilitySum, 1e-9), 1e-12);
    posteriorVariance = Math.max(posteriorVariance, floor);
    if (posteriorVariance >= 0.999 * errorVariance) break;

    variance = 1 / (1 / posteriorVariance - 1 / errorVariance);
    for (let index = 0; index < d; index++) {
      x[index] = variance * (posterior[index] / posteriorVariance - r[index] / errorVariance);
    }
    variance = clamp(variance, floor, 1e3 * energy);
    operator.spectrum(x, xRe, xIm);
  }
  for (let index = 0; index < d; index++) estimate[index] *= amplitude;
  return estimate;
};
