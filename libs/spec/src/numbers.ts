/** Numbers with a range; out of range, missing or no number at all are one sentence that says the range. */
import { z } from 'zod';
import { expected } from './issue-message.js';

/** A whole number in `minimum`..`maximum`, both allowed. */
export function wholeNumber(description: string, minimum: number, maximum: number): z.ZodInt {
  const error = expected(`a whole number in ${minimum}..${maximum}`);
  return z.int({ error }).min(minimum, { error }).max(maximum, { error }).meta({ description });
}

/** A number above zero and at most `maximum`. */
export function positiveNumber(description: string, maximum: number): z.ZodNumber {
  const error = expected(`a number above 0 and at most ${maximum}`);
  return z.number({ error }).gt(0, { error }).max(maximum, { error }).meta({ description });
}

/** A number in `minimum`..`maximum`, both allowed; minus zero, which JSON writes as 0, becomes 0. */
export function numberBetween(description: string, minimum: number, maximum: number): z.ZodNumber {
  const error = expected(`a number in ${minimum}..${maximum}`);
  return z
    .number({ error })
    .min(minimum, { error })
    .max(maximum, { error })
    .overwrite((value) => value + 0)
    .meta({ description });
}

/** A number of at least `minimum` and below `limit`; minus zero becomes 0. */
export function numberFromUpTo(description: string, minimum: number, limit: number): z.ZodNumber {
  const error = expected(`a number of at least ${minimum} and below ${limit}`);
  return z
    .number({ error })
    .min(minimum, { error })
    .lt(limit, { error })
    .overwrite((value) => value + 0)
    .meta({ description });
}
