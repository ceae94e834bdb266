import { BadRequestError } from './problem.js';

/** A query parameter that is true or false. @param usual what it is when it is left out @throws BadRequestError */
export function readFlag(name: string, text: string | undefined, usual: boolean): boolean {
  if (text === undefined) return usual;
  if (text === 'true' || text === 'false') return text === 'true';
  throw new BadRequestError(`${name} must be true or false, not ${JSON.stringify(text)}`);
}
