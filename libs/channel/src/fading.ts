/** Block fading: one complex gain per agent and round. */
import { complexZeros, type ComplexVector, type RandomStream } from '@airmeta/numerics';

export interface FadingModel {
  readonly kind: 'rayleigh' | 'constant';
  /** mu_h = E|h|. */
  readonly meanGain: number;
}

/**
 * Draws one agent's gain h.
 * Rayleigh: real and imaginary part N(0, 2 mu_h^2 / pi), so that E|h| = mu_h. Constant: h = mu_h.
 */
function drawGain(model: FadingModel, stream: RandomStream): readonly [re: number, im: number] {
  const deviation = model.meanGain * Math.sqrt(2 / Math.PI);
  const re = deviation * stream.normal();
  const im = deviation * stream.normal();
  return model.kind === 'rayleigh' ? [re, im] : [model.meanGain, 0];
}

/** Gains h [streams.length], one stream per agent. */
export function drawGains(model: FadingModel, streams: readonly RandomStream[]): ComplexVector {
  const gains = complexZeros(streams.length);
  streams.forEach((stream, position) => {
    [gains.re[position], gains.im[position]] = drawGain(model, stream);
  });
  return gains;
}
