import { describe, expect, it } from 'vitest';
import { riceMean } from './rice-mean.js';

/** e^-z I_0(z), by the trapezoidal rule on a whole period, which converges geometrically. */
function scaledBessel(z: number): number {
  const points = 2000;
  let sum = 0;
  for (let at = 0; at < points; at++) sum += Math.exp(z * (Math.cos((2 * Math.PI * at) / points) - 1));
  return sum / points;
}

/** Integral of x p(x), p(x) = 2 x exp(-(x - nu)^2) e^-(2 x nu) I_0(2 x nu), nu = sqrt(K), again by a rule that converges geometrically. */
function integrated(kFactor: number): number {
  const nu = Math.sqrt(kFactor);
  const [from, to, steps] = [Math.max(0, nu - 8), nu + 8, 4000];
  const width = (to - from) / steps;
  let sum = 0;
  for (let step = 1; step < steps; step++) {
    const x = from + step * width;
    sum += x * 2 * x * Math.exp(-((x - nu) ** 2)) * scaledBessel(2 * x * nu);
  }
  return sum * width;
}

describe('the mean of a Rice distribution', () => {
  it.each([0, 0.01, 0.5, 1, 4, 10, 30, 39.9, 40.1, 100])('is what integration gives at K = %f', (kFactor) => {
    expect(riceMean(kFactor) / integrated(kFactor)).toBeCloseTo(1, 9);
  });

  it('is that of a Rayleigh distribution without a line of sight', () => {
    expect(riceMean(0)).toBeCloseTo(Math.sqrt(Math.PI) / 2, 15);
  });

  it('continues from one series to the other, and ends in sqrt(K)', () => {
    const slope = 1 / (2 * Math.sqrt(40));
    expect(riceMean(40) - riceMean(40 - 1e-9)).toBeCloseTo(1e-9 * slope, 12);
    expect(riceMean(1e6) / (1000 + 1 / 4000)).toBeCloseTo(1, 13);
  });
});
