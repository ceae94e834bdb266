/** Estimates as a table shows them: `57.1 ± 2.0`, `390 to 400 [370, 430]`; a dash where there is nothing. */
import type { BracketedEstimate, Estimate } from '@airmeta/spec';

/** How a quantity is written: its scale, and decimals as its interval's half-width allows. */
interface Format {
  readonly scale: number;
  readonly decimals: (half: number | null) => number;
}

/** What is written of an estimate; of a plain number, the mean. */
type Shown = Pick<Estimate, 'mean' | 'low' | 'high'> & Partial<Pick<Estimate, 'heavyTails' | 'robust'>>;

interface Ends {
  readonly low: number | null;
  readonly high: number | null;
}

const MOST_DECIMALS = 6;

/** Two figures of the half-width, so that a mean is not written finer than it is known. */
const byHalfWidth = (half: number | null) =>
  half === null || half <= 0 ? 3 : Math.min(MOST_DECIMALS, Math.max(0, 1 - Math.floor(Math.log10(half))));

const ROUNDS: Format = { scale: 1, decimals: () => 0 };
const PERCENT: Format = { scale: 100, decimals: () => 1 };
const LOSS: Format = { scale: 1, decimals: byHalfWidth };

/** Marks a mean whose values lie apart from each other more than its interval allows for. */
export const HEAVY_TAILS = '†';

/** From here on numbers are written with a power of ten. */
const LARGE = 1e7;

/** A number that is no negative zero; a difference has its sign, `+0.4`. */
function digits(value: number, decimals: number, signed: boolean): string {
  const text = Math.abs(value) < LARGE ? value.toFixed(decimals) : value.toExponential(2);
  return Number(text) === 0 ? text.replace('-', '') : signed && Number(text) > 0 ? `+${text}` : text;
}

/** `[370, 430]`; an end that the data do not give is said to be none. */
function interval({ low, high }: Ends, write: (value: number) => string): string {
  if (low === null && high === null) return '[no interval]';
  return `[${low === null ? 'no lower end' : write(low)}, ${high === null ? 'no upper end' : write(high)}]`;
}

/** Whether an interval reaches as far to both sides, as far as its digits tell: one that was cut at a bound does not. */
function isEven({ mean, low, high }: Shown, half: number): boolean {
  return low !== null && high !== null && Math.abs(high - mean - (mean - low)) <= 0.01 * half;
}

/**
 * Mean and half-width, `57.1 ± 2.0`; with both ends where the interval is cut, `98.0 [94.1, 100.0]`; with the robust figure
 * in heavy tails: without its interval, which covers less than 95 % of the samples in which it is looked at.
 */
function written(estimate: Shown | null, { scale, decimals }: Format, signed = false): string {
  if (!estimate) return '-';
  const { mean, low, high, heavyTails = false, robust = null } = estimate;
  const half = low === null || high === null ? null : (high - low) / 2;
  const places = decimals(half === null ? null : scale * half);
  const write = (value: number) => digits(scale * value, places, signed);
  const spread =
    half === null ? '' : isEven(estimate, half) ? ` ± ${digits(scale * half, places, false)}` : ` ${interval({ low, high }, write)}`;
  const beside = heavyTails ? ` ${HEAVY_TAILS}${robust === null ? '' : ` ${write(robust.value)}`}` : '';
  return `${write(mean)}${spread}${beside}`;
}

/** Where the data pin a number down to, and its interval: `390 to 400 [370, 430]`, `at least 400 [380, no upper end]`. */
function bracketed(bracket: BracketedEstimate | null, { scale, decimals }: Format, signed = false): string {
  if (!bracket) return '-';
  const { atLeast, atMost } = bracket;
  const write = (value: number) => digits(scale * value, decimals(null), signed);
  const [from, to] = [write(atLeast), atMost === null ? null : write(atMost)];
  const place = to === null ? `at least ${from}` : from === to ? from : `${from} to ${to}`;
  return `${place} ${interval(bracket, write)}`;
}

/** A number of rounds that is known up to a bracket. */
export const roundsText = (bracket: BracketedEstimate | null): string => bracketed(bracket, ROUNDS);

/** A difference of rounds. */
export const roundsDifferenceText = (bracket: BracketedEstimate | null): string => bracketed(bracket, ROUNDS, true);

/** A relative difference that is known up to a bracket, in percent. */
export const shareText = (bracket: BracketedEstimate | null): string => bracketed(bracket, { scale: 100, decimals: () => 0 }, true);

/** A share in percent. */
export const percentText = (estimate: Shown | null): string => written(estimate, PERCENT);

/** A difference of shares, in percentage points; or a relative difference, in percent. */
export const pointsText = (estimate: Shown | null): string => written(estimate, PERCENT, true);

export const lossText = (estimate: Shown | null): string => written(estimate, LOSS);

export const lossDifferenceText = (estimate: Shown | null): string => written(estimate, LOSS, true);

/** Any quantity: what does not vary with three figures, a count in full, the rest as fine as its interval allows. */
export function quantityText(estimate: Shown | null): string {
  if (!estimate) return '-';
  const { mean, low, high } = estimate;
  const half = low === null || high === null ? 0 : (high - low) / 2;
  if (half > 0 && Math.abs(mean) < LARGE) return lossText(estimate);
  const text = (value: number) =>
    Number.isInteger(value) && Math.abs(value) < LARGE
      ? String(value)
      : Math.abs(value) < LARGE
        ? String(Number(value.toPrecision(3)))
        : value.toExponential(2);
  return half > 0 ? `${text(mean)} ± ${half.toExponential(1)}` : text(mean);
}

/** A new-task score: accuracy in percent, or a loss. */
export const scoreText = { accuracy: percentText, loss: lossText } as const;

/** A difference of new-task scores. */
export const gainText = { accuracy: pointsText, loss: lossDifferenceText } as const;

/** The ends of an interval around differences, `+0.4 to +2.1`. */
export function intervalText(bounds: { readonly low: number; readonly high: number } | null, score: keyof typeof gainText): string {
  if (!bounds) return '-';
  const { scale, decimals } = score === 'accuracy' ? PERCENT : LOSS;
  const [low, high] = [scale * bounds.low, scale * bounds.high];
  const places = decimals((high - low) / 2);
  return `${digits(low, places, true)} to ${digits(high, places, true)}`;
}
