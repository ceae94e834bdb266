import { mean } from '@airmeta/numerics';

/** 10 log10 of the mean of ratios; null when there are none, or when they are all 0. */
export function meanDecibel(ratios: readonly number[]): number | null {
  if (ratios.length === 0) return null;
  const value = mean(ratios);
  return value > 0 ? 10 * Math.log10(value) : null;
}
