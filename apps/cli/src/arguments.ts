/** Arguments as commands understand them; what they do not, they refuse with what they expect. */
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
