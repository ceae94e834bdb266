/** Arguments as commands understand them; what they do not, they refuse with what they expect. */
import { MAX_ROUND_BUDGET } from '@airmeta/spec';
import { InvalidArgumentError } from 'commander';

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('expected a whole number from 1');
  return value;
}

export function upTo(most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < 1 || value > most) throw new InvalidArgumentError(`expected a whole number in 1..${most}`);
    return value;
  };
}

export function between(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isInteger(value) || value < least || value > most)
      throw new InvalidArgumentError(`expected a whole number in ${least}..${most}`);
    return value;
  };
}

/** Of an option that may be given several times. */
export function collected(text: string, earlier: readonly string[]): readonly string[] {
  return [...earlier, text];
}

/**
 * Extra rounds as a share: 0.18 or 18%. A plain number above 1 may be meant either way, so that it is asked back.
 */
export function roundBudget(text: string): number {
  const [, digits, percent] = /^(\d+\.?\d*|\.\d+)\s*(%?)$/.exec(text.trim()) ?? [];
  if (digits === undefined)
    throw new InvalidArgumentError(
      `expected extra rounds as a share from 0 to 1, such as 0.18, or from 0% to ${100 * MAX_ROUND_BUDGET}%, such as 18%`,
    );
  const value = Number(digits);
  if (percent === '' && value > 1) {
    const share = Number((value / 100).toPrecision(12));
    throw new InvalidArgumentError(
      `${value} is no share: write ${value}% or ${share} for ${value} percent, or ${100 * value}% for ${value} times as many`,
    );
  }
  const share = percent === '' ? value : Number((value / 100).toPrecision(15));
  if (share > MAX_ROUND_BUDGET) throw new InvalidArgumentError(`expected at most ${100 * MAX_ROUND_BUDGET}%`);
  return share;
}
