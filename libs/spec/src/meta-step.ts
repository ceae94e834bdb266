/** The meta step eta: constant, or decaying over rounds. */
import { z } from 'zod';
import { expected } from './issue-message.js';
import { numberBetween, positiveNumber, wholeNumber } from './numbers.js';

const decay = <const Value extends string>(value: Value, description: string) => z.literal(value).meta({ description });
const initial = positiveNumber('eta_0, the step of round 0.', 1e3);
const halfLife = wholeNumber('Rounds after which the step is half of what it was at first.', 1, 10_000_000);

const decayingStepSchema = z.discriminatedUnion('decay', [
  z.strictObject({ initial, decay: decay('inverse', 'eta_t = eta_0 / (1 + t / halfLife).'), halfLife }),
  z.strictObject({ initial, decay: decay('inverse-sqrt', 'eta_t = eta_0 / sqrt(1 + 3 t / halfLife).'), halfLife }),
  z.strictObject({
    initial,
    decay: decay('cosine', 'eta_t = eta_0 (c + (1 - c) (1 + cos(pi t / T)) / 2), T the rounds of the run, c the final share.'),
    finalShare: numberBetween('c: share of eta_0 that the step tends to at the end.', 0, 1).default(0),
  }),
  z.strictObject({
    initial,
    decay: decay('step', 'eta_t = eta_0 factor^floor(t / every).'),
    every: wholeNumber('Rounds between two cuts.', 1, 10_000_000),
    factor: positiveNumber('What every cut leaves of the step.', 1).default(0.5),
  }),
]);

export const metaStepSchema = z
  .union([positiveNumber('The same step in every round.', 1e3), decayingStepSchema], {
    error: expected('a number above 0 and at most 1000, or a mapping with initial and decay'),
  })
  .meta({ description: 'Meta step eta: a number, or how it decays from round to round.' });
