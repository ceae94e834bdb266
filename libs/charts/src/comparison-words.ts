/** What points are compared with, in words. */
import type { ComparedWith, Tradeoff } from '@airmeta/spec';

/** After a minus sign, above a column. */
export const AGAINST_NAMES: Readonly<Record<ComparedWith, string>> = {
  ideal: 'ideal',
  matched: 'gain-matched',
  tuned: 'tuned ideal',
};

/** In a sentence. */
export const TWIN_NAMES: Readonly<Record<ComparedWith, string>> = {
  ideal: 'the ideal twin',
  matched: 'the gain-matched twin',
  tuned: 'the tuned ideal twin',
};

/** Where the target lies. */
export function targetText({ targetTrainLoss }: Pick<Tradeoff, 'targetTrainLoss'>): string {
  return targetTrainLoss === null
    ? 'where the ideal twin has made 90 % of its own decrease in train loss, which it reaches by construction'
    : `train loss ${targetTrainLoss}`;
}

/** How values were tuned; undefined where none were. */
export function tuningText({ tuning }: Pick<Tradeoff, 'tuning'>): string | undefined {
  if (tuning === null) return undefined;
  const { axis, chosenOn, judgedOn, by } = tuning;
  return `${axis} is the best of each point and of its twin by ${by}, chosen on the first ${chosenOn} replicates and judged on the other ${judgedOn}`;
}
