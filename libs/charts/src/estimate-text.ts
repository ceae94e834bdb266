/** Estimates as a table shows them: mean and half-width, `57.1 ± 2.0`; a dash where there is nothing. */
import type { BracketedEstimate, Estimate } from '@airmeta/spec';

/** Of an estimate, what is written. */
type Shown = Pick<Estimate, 'mean' | 'high'>;

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

/** A number that is no negative zero; a difference has its sign, `+0.4`. */
function digits(value: number, decimals: number, signed: boolean): string {
  const text = value.toFixed(decimals);
  return Number(text) === 0 ? text.replace('-', '') : signed && Number(text) > 0 ? `+${text}` : text;
}

/** Mean and half-width, `57.1 ± 2.0`; a dash where there is nothing. */
function written(estimate: Shown | null, format: Format, signed = false): string {
  if (!estimate) return '-';
  const half = estimate.high === null ? null : format.scale * (estimate.high - estimate.mean);
  const decimals = format.decimals(half);
  const text = digits(format.scale * estimate.mean, decimals, signed);
  return half === null ? text : `${text} ± ${half.toFixed(decimals)}`;
}

/** Where data pin a number down to, and its interval: `30 to 60 [20 to 110]`; no number stands for an end that there is not. */
function bracketed(bracket: BracketedEstimate | null, { scale, decimals }: Format, signed: boolean): string {
  if (!bracket) return '-';
  const { atLeast, atMost, low, high } = bracket;
  const end = (value: number) => digits(scale * value, decimals(null), signed);
  const range = (from: number, to: number | null) =>
    to === null ? `over ${end(from)}` : end(from) === end(to) ? end(from) : `${end(from)} to ${end(to)}`;
  const interval = low === null ? (high === null ? 'no interval' : `under ${end(high)}`) : range(low, high);
  return `${range(atLeast, atMost)} [${interval}]`;
}

export const roundsText = (bracket: BracketedEstimate | null): string => bracketed(bracket, ROUNDS, false);

/** A relative difference that is known up to a bracket, in percent. */
export const shareText = (bracket: BracketedEstimate | null): string => bracketed(bracket, PERCENT, true);

/** A share in percent. */
export const percentText = (estimate: Shown | null): string => written(estimate, PERCENT);

/** A difference of shares, in percentage points; or a relative difference, in percent. */
export const pointsText = (estimate: Shown | null): string => written(estimate, PERCENT, true);

export const lossText = (estimate: Shown | null): string => written(estimate, LOSS);

export const lossDifferenceText = (estimate: Shown | null): string => written(estimate, LOSS, true);

/** A new-task score: accuracy in percent, or a loss. */
export const scoreText = { accuracy: percentText, loss: lossText } as const;

/** A difference of new-task scores. */
export const gainText = { accuracy: pointsText, loss: lossDifferenceText } as const;

/** The ends of an interval around differences, `+0.4 to +2.1`. */
export function intervalText(interval: { readonly low: number; readonly high: number } | null, score: keyof typeof gainText): string {
  if (!interval) return '-';
  const { scale, decimals } = score === 'accuracy' ? PERCENT : LOSS;
  const [low, high] = [scale * interval.low, scale * interval.high];
  const places = decimals((high - low) / 2);
  return `${digits(low, places, true)} to ${digits(high, places, true)}`;
}
