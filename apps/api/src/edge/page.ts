import type { Page } from '@airmeta/lab';
import { BadRequestError } from './problem.js';

export const MAX_PAGE = 200;
export const DEFAULT_PAGE = 50;

/** Reads page parameters. @throws BadRequestError */
export function readPage(limit: number | string | null | undefined, after: string | null | undefined): Page {
  const size = limit === undefined || limit === null || limit === '' ? DEFAULT_PAGE : Number(limit);
  if (!Number.isInteger(size) || size < 1 || size > MAX_PAGE)
    throw new BadRequestError(`limit must be a whole number from 1 to ${MAX_PAGE}, not "${limit}"`);
  return after ? { limit: size, after } : { limit: size };
}
