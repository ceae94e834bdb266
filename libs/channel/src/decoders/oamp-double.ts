/** Orthogonal approximate message passing in double precision. */
import { complexEnergy, squaredNorm } from '@airmeta/numerics';
import type { PartialDft } from '../partial-dft.js';
import type { Decoder, Observation } from './decoder.js';
import { disturbanceOf, estimateByOamp, type OampVectors, type PosteriorParameters, type PosteriorSums } from './oamp.js';

class DoubleVectors implements OampVectors {
  readonly d: number;
  readonly length: number;
  readonly slots: { readonly once: number; readonly twice: number };
  readonly estimate: Float64Array;
  private readonly operator: PartialDft;
  private readonly x: Float64Array;
  private readonly r: Float64Array;
  private readonly posterior: Float64Array;
  private readonly yRe: Float64Array;
  private readonly yIm: Float64Array;
  private readonly xRe: Float64Array;
  private readonly xIm: Float64Array;
  private readonly residualRe: Float64Array;
  private readonly residualIm: Float64Array;

  /** @param amplitude what y is divided by */
  constructor({ y, operator }: Observation, amplitude: number) {
    const { d, length, looks, multiplicity, observed } = operator;
    this.operator = operator;
    this.d = d;
    this.length = length;
    const slots = { once: 0, twice: 0 };
    for (const bin of observed) slots[looks[bin] === 1 ? 'once' : 'twice'] += multiplicity[bin];
    this.slots = slots;
    [this.x, this.r, this.posterior, this.estimate] = Array.from({ length: 4 }, () => new Float64Array(d));
    [this.yRe, this.yIm, this.xRe, this.xIm, this.residualRe, this.residualIm] = Array.from(
      { length: 6 },
      () => new Float64Array(looks.length),
    );
    operator.fold(y, this.yRe, this.yIm);
    for (const bin of observed) {
      this.yRe[bin] /= amplitude;
      this.yIm[bin] /= amplitude;
    }
  }

  linearStep(once: number, twice: number): void {
    const { looks, observed } = this.operator;
    for (const bin of observed) {
      const scale = looks[bin] === 1 ? once : twice;
      this.residualRe[bin] = scale * (this.yRe[bin] - this.xRe[bin]);
      this.residualIm[bin] = scale * (this.yIm[bin] - this.xIm[bin]);
    }
    this.operator.signal(this.residualRe, this.residualIm, this.r);
  }

  denoise({ slope, offset, shrink }: PosteriorParameters): PosteriorSums {
    const { x, r, posterior } = this;
    const sums = { probability: 0, uncertainty: 0, moment: 0 };
    for (let index = 0; index < this.d; index++) {
      const value = x[index] + r[index];
      r[index] = value;
      const probability = 1 / (1 + Math.exp(-(slope * value * value + offset)));
      const mean = shrink * value;
      posterior[index] = probability * mean;
      const moment = probability * mean * mean;
      sums.probability += probability;
      sums.uncertainty += moment * (1 - probability);
      sums.moment += moment;
    }
    return sums;
  }

  keep(): void {
    this.estimate.set(this.posterior);
  }

  observedEnergy(): number {
    return squaredNorm(this.r);
  }

  combine(a: number, b: number): void {
    for (let index = 0; index < this.d; index++) this.x[index] = a * this.posterior[index] - b * this.r[index];
    this.operator.spectrum(this.x, this.xRe, this.xIm);
  }
}

export const decodeOamp: Decoder = (observation) => {
  const { y, operator, noiseVariance, quadratureShare = 0, entriesPerAgent, transmitters, estimate = 'posterior' } = observation;
  const receivedPower = complexEnergy(y) / operator.uses;
  if (!(receivedPower > 0)) return new Float64Array(operator.d);
  const amplitude = Math.sqrt(receivedPower);
  const vectors = new DoubleVectors(observation, amplitude);
  const disturbance = disturbanceOf(noiseVariance / receivedPower, quadratureShare);
  const scale = amplitude * estimateByOamp(vectors, disturbance, 1 - (1 - entriesPerAgent / operator.d) ** transmitters, estimate);
  return vectors.estimate.map((value) => scale * value);
};
