/** Estimates as a table shows them: mean and half-width, `57.1 ± 2.0`; a dash where there is nothing. */
import type { Estimate } from '@airmeta/spec';

/** How a quantity is written: its scale, and decimals as its interval's half-width allows. */
interface Format {
  readonly scale: number;
  readonly decimals: (half: number | null) => number;
}

const MOST_DECIMALS = 6;

const ROUNDS: Format = { scale: 1, decimals: () => 0 };
const PERCENT: Format = { scale: 100, decimals: () => 1 };
/** Two figures of the half-width, so that a mean is not written finer than it is known. */
const LOSS: Format = {
  scale: 1,
  decimals: (half) => (half === null || half <= 0 ? 3 : Math.min(MOST_DECIMALS, Math.max(0, 1 - Math.floor(Math.log10(half))))),
};

/** Mean and half-width, `57.1 ± 2.0`; a dash where there is nothing. A difference has its sign, `+0.4`. */
function written(estimate: Estimate | null, format: Format, signed = false): string {
  if (!estimate) return '-';
  const half = estimate.high === null ? null : format.scale * (estimate.high - estimate.mean);
  const decimals = format.decimals(half);
  const mean = (format.scale * estimate.mean).toFixed(decimals);
  const text = Number(mean) === 0 ? mean.replace('-', '') : signed && Number(mean) > 0 ? `+${mean}` : mean;
  return half === null ? text : `${text} ± ${half.toFixed(decimals)}`;
}

export const roundsText = (estimate: Estimate | null): string => written(estimate, ROUNDS);

/** A share in percent. */
export const percentText = (estimate: Estimate | null): string => written(estimate, PERCENT);

/** A difference of shares, in percentage points. */
export const pointsText = (estimate: Estimate | null): string => written(estimate, PERCENT, true);

export const lossText = (estimate: Estimate | null): string => written(estimate, LOSS);

export const lossDifferenceText = (estimate: Estimate | null): string => written(estimate, LOSS, true);
