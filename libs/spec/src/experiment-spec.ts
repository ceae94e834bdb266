/** The document a researcher submits: one experiment with its sweep. */
import { z } from 'zod';
import { positiveNumber, wholeNumber } from './numbers.js';
import { pointSchema } from './point-spec.js';
import { durationSchema } from './units.js';

/** A dotted path into a point, such as `uplink.snr`. */
const axisPath = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9]*(\.[A-Za-z][A-Za-z0-9]*)*$/, { error: () => 'an axis is a dotted path into base, such as "uplink.snr"' });

export const sweepSchema = z
  .strictObject({
    grid: z
      .record(axisPath, z.array(z.json()).min(1, 'an axis needs at least one value'))
      .default({})
      .meta({ description: 'Axis path to its values. Points are the product; the axis written last varies fastest.' }),
  })
  .meta({ description: 'What varies over the points.' });

const limitsSchema = z
  .strictObject({
    maxFailures: wholeNumber('Failed runs after which no more of the experiment start until it is resumed.', 1, 100_000).optional(),
    runTime: durationSchema('Most compute time of one run, over all its attempts; what takes longer fails.').optional(),
    computeTime: durationSchema('Most compute time of all runs together; what is left then is not run.').optional(),
  })
  .meta({ description: 'Where to give up. No limits by default.' });

const tuneSchema = z
  .strictObject({
    axis: axisPath.meta({ description: 'Axis of the sweep of which every point gets the value that suits it, such as "meta.metaStep".' }),
    replicates: wholeNumber('Replicates that choose, the first of them; the others judge.', 1, 9_999),
    by: z.enum(['new-tasks', 'rounds-to-target']).default('new-tasks').meta({
      description:
        'What makes a value the best: new-tasks, the mean over the choosing replicates of the best new-task score within the run (accuracy, in regression loss) on the choosing half of the new tasks; rounds-to-target, the fewest rounds to the target.',
    }),
  })
  .meta({
    description:
      'Choose the value of an axis for every point and for its twins, each by itself, on replicates that judge nothing. Without it, every value of the axis is a point to compare.',
  });

export type Tuning = z.output<typeof tuneSchema>;

/** `base` is checked point by point during expansion, where the swept values are in place. */
export const experimentEnvelopeSchema = z.strictObject({
  version: z.literal(1).meta({ description: 'Version of this format.' }),
  name: z.string().trim().min(1, 'a name is needed').max(200).meta({ description: 'What the experiment is called.' }),
  description: z.string().trim().max(10_000).optional().meta({ description: 'What it is for, for people.' }),
  base: z.record(z.string(), z.json()).meta({ description: 'The configuration all points share.' }),
  sweep: sweepSchema.prefault({}),
  replicates: wholeNumber('Seeds per point.', 1, 10_000).default(1),
  seed: wholeNumber('Replicate seeds are derived from it.', 0, Number.MAX_SAFE_INTEGER).default(1),
  idealTwins: z
    .boolean()
    .default(true)
    .meta({ description: 'Also run every point’s ideal twin: same seeds, ideal uplink. Targets and gains refer to it.' }),
  gainMatchedTwins: z.boolean().optional().meta({
    description:
      'Also run every point’s gain-matched twin: same seeds, ideal uplink, and in every round the update gain of the point. What differs then is noise, not step size. False by default; costs two runs each.',
  }),
  targetTrainLoss: positiveNumber(
    'Train loss that counts as converged; by default where the ideal twin has made 90 % of its own decrease.',
    1e12,
  ).optional(),
  tune: tuneSchema.optional(),
  limits: limitsSchema.optional(),
});

export type ExperimentEnvelope = z.output<typeof experimentEnvelopeSchema>;

/** JSON Schema (2020-12) of what may be submitted, for editors and for OpenAPI. */
export function experimentJsonSchema(): Record<string, unknown> {
  const schema = experimentEnvelopeSchema
    .extend({ base: pointSchema })
    .meta({ title: 'airmeta experiment', description: 'An experiment: a base configuration, a sweep over it, and replicates.' });
  return { ...z.toJSONSchema(schema, { io: 'input' }) };
}
