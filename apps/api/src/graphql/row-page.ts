/** Pages of rows of what is computed from a whole experiment. */
import { DEFAULT_TRADEOFF_ROWS, MAX_TRADEOFF_ROWS } from '@airmeta/spec';
import type { ComplexityEstimatorArgs } from 'graphql-query-complexity';
import { BadRequestError } from '../edge/problem.js';

function wholeNumber(name: string, value: number | null | undefined, usual: number, [least, most]: readonly [number, number]): number {
  const number = value ?? usual;
  if (number < least || number > most) throw new BadRequestError(`${name} must be a whole number from ${least} to ${most}, not ${number}`);
  return number;
}

/** Where a page begins and ends. @throws BadRequestError */
export function pageOfRows(limit: number | null | undefined, offset: number | null | undefined): [from: number, to: number] {
  const from = wholeNumber('offset', offset, 0, [0, Number.MAX_SAFE_INTEGER]);
  return [from, from + wholeNumber('limit', limit, DEFAULT_TRADEOFF_ROWS, [1, MAX_TRADEOFF_ROWS])];
}

/** As many rows as a page may have, times what is asked of each. */
export function rowsCost({ args, childComplexity }: Pick<ComplexityEstimatorArgs, 'args' | 'childComplexity'>): number {
  const { limit, points } = args as { readonly limit?: number | null; readonly points?: readonly number[] | null };
  return 1 + childComplexity * Math.max(1, points?.length ?? limit ?? DEFAULT_TRADEOFF_ROWS);
}
