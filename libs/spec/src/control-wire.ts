/** Steering what was submitted: the words for it, and the bodies of the REST interface. */
import { z } from 'zod';
import { VISIBILITIES } from './access-wire.js';
import { wholeNumber } from './numbers.js';
import { RUN_STATES } from './records.js';

/** Why no run of an open experiment starts: somebody paused it, or as many runs failed as its `limits.maxFailures` says. */
export const HOLDS = ['paused', 'failures'] as const;
export type Hold = (typeof HOLDS)[number];

/** Why an experiment ends, or has ended, before all of its runs: stopped, cancelled, or out of compute time. */
export const ENDINGS = ['stop', 'cancel', 'budget'] as const;
export type Ending = (typeof ENDINGS)[number];

/** What sort of thing keeps a run from running. */
export const WAITING_REASONS = [
  /** It runs. */
  'running',
  /** It has ended. */
  'ended',
  /** Its experiment is paused. */
  'paused',
  /** Its experiment is held after too many failures. */
  'failures',
  /** Its experiment is stopping, being cancelled, or out of compute time. */
  'ending',
  /** Workers have other data than it is of; it waits for one that has them. */
  'other-data',
  /** It waits before it is tried again. */
  'backoff',
  /** The same computation runs already; this run gets its results. */
  'same-computation',
  /** Its owner has as many runs running as the member's cap allows. */
  'cap',
  /** No worker is there. */
  'no-workers',
  /** Others are before it. */
  'turn',
  /** It is in the queue, and a worker takes it next. */
  'dispatched',
] as const;
export type WaitingReason = (typeof WAITING_REASONS)[number];

export const runWhySchema = z.object({
  runId: z.string(),
  state: z.enum(RUN_STATES),
  reason: z.enum(WAITING_REASONS),
  sentence: z.string().meta({ description: 'The reason for people.' }),
  position: z.int().nullable().meta({ description: 'Runs that start before it, plus one; null when it is not waiting for its turn.' }),
  ahead: z
    .array(z.object({ member: z.string().nullable(), runs: z.int() }))
    .meta({ description: 'Whose runs start before it, and how many; member null: of a lab without accounts.' }),
  cap: z.int().nullable().meta({ description: 'Most runs of its owner that run at once; null: no cap.' }),
  runningOfOwner: z.int().meta({ description: 'Runs of its owner that are running or handed to a worker.' }),
  freeSlots: z.int().meta({ description: 'Places at workers that have nothing to do.' }),
});
export type RunWhyBody = z.output<typeof runWhySchema>;

const EXPERIMENT_TAG = /^[\p{L}\p{N}][\p{L}\p{N}._:/-]{0,63}$/u;
export const MAX_TAGS = 32;
export const MAX_PRIORITY = 100;

export const tagSchema = z.string().regex(EXPERIMENT_TAG, {
  error: 'a tag is 1 to 64 letters, digits and . _ : / -, beginning with a letter or digit',
});
const prioritySchema = z
  .int({ error: `must be a whole number from -${MAX_PRIORITY} to ${MAX_PRIORITY}` })
  .min(-MAX_PRIORITY, { error: `must be at least -${MAX_PRIORITY}` })
  .max(MAX_PRIORITY, { error: `must be at most ${MAX_PRIORITY}` })
  .meta({ description: 'Among experiments of one owner, those with a higher priority go first; it means nothing to others.' });

const tagsSchema = z
  .array(tagSchema)
  .max(MAX_TAGS, { error: `must be at most ${MAX_TAGS} tags` })
  .transform((tags) => [...new Set(tags)]);

/** What is said about an experiment where it is submitted, beside its specification. */
export const submissionOptionsSchema = z.strictObject({
  visibility: z.enum(VISIBILITIES, { error: `must be one of ${VISIBILITIES.join(', ')}` }).optional(),
  force: z.boolean({ error: 'must be true or false' }).optional(),
  priority: prioritySchema.optional(),
  tags: tagsSchema.optional(),
});

/** What may be changed about an experiment without touching its runs; what is left out stays. */
export const experimentChangeSchema = z
  .strictObject({
    visibility: z.enum(VISIBILITIES, { error: `must be one of ${VISIBILITIES.join(', ')}` }).optional(),
    priority: prioritySchema.optional(),
    tags: tagsSchema.optional(),
    notes: z.string().max(20_000, { error: 'must have at most 20000 characters' }).optional(),
    archived: z.boolean().optional().meta({ description: 'Archived experiments are left out of lists; nothing else changes.' }),
  })
  .refine((change) => Object.values(change).some((value) => value !== undefined), {
    error: 'nothing to change: give visibility, priority, tags, notes or archived',
  });
export type ExperimentChangeBody = z.input<typeof experimentChangeSchema>;
export type ExperimentChange = z.output<typeof experimentChangeSchema>;

/** Which experiments a list shows. */
export const ARCHIVE_FILTERS = ['current', 'archived', 'all'] as const;
export type ArchiveFilter = (typeof ARCHIVE_FILTERS)[number];

/** More of the same experiment; what is left out stays. */
export const extensionSchema = z
  .strictObject({
    replicates: wholeNumber('Seeds per point from now on; not fewer than before.', 1, 10_000).optional(),
    rounds: wholeNumber(
      'Rounds from now on, of every point; not fewer than before. Runs go on where they ended.',
      1,
      10_000_000,
    ).optional(),
    values: z
      .record(z.string(), z.array(z.json(), { error: 'must be a list of values' }).min(1, { error: 'must have a value' }))
      .optional()
      .meta({ description: 'Values to add to axes of the sweep, such as { "uplink.snr": ["30 dB"] }.' }),
  })
  .refine((extension) => Object.values(extension).some((value) => value !== undefined), {
    error: 'nothing to extend: give replicates, rounds or values',
  });
export type ExtensionBody = z.input<typeof extensionSchema>;
export type Extension = z.output<typeof extensionSchema>;

export const retrySchema = z.strictObject({
  force: z.boolean().default(false).meta({ description: 'Compute again even what another experiment has computed already.' }),
});

/** One run as the REST interface shows it. */
export const runSchema = z.object({
  id: z.string(),
  experimentId: z.string(),
  pointId: z.string(),
  replicate: z.int(),
  seed: z.int(),
  state: z.enum(RUN_STATES),
  claims: z.int().meta({ description: 'How often a worker has claimed it.' }),
  losses: z.int().meta({ description: 'Attempts lost to dead workers and faults of the infrastructure.' }),
  round: z.int(),
  rounds: z.int(),
  engine: z.string().nullable().meta({ description: 'Name and version of the arithmetic.' }),
  dataFingerprint: z
    .string()
    .nullable()
    .default(null)
    .meta({ description: 'Content address of the images it reads; null when it draws its own data, or they were not recorded.' }),
  failure: z.object({ code: z.string(), message: z.string(), round: z.int().optional() }).nullable().meta({
    description:
      'Why it has no result, for divergence with the first round that was not finite; of a completed run, what to know of it before its numbers are used: nobody-sent.',
  }),
  shared: z.boolean().meta({ description: 'Whether its results are those of an equal computation, which was not repeated.' }),
  computeMs: z.number().meta({ description: 'Time it has computed so far, over all attempts.' }),
  workerId: z.string().nullable(),
  startedAt: z.iso.datetime().nullable(),
  finishedAt: z.iso.datetime().nullable(),
});
export type RunBody = z.output<typeof runSchema>;

/** One claim of a run by a worker, and what became of it. */
export const runAttemptSchema = z.object({
  fence: z.int().meta({ description: 'The attempt’s number: 1, 2, 3, ...' }),
  workerId: z.string().nullable(),
  engine: z.string().nullable(),
  fromRound: z.int().meta({ description: 'Where it began: 0, or the round of a checkpoint.' }),
  refusedCheckpointBytes: z.int().nullable().default(null).meta({
    description:
      'Size of a checkpoint of it that was over what is allowed (AIRMETA_CHECKPOINT_MB) and not kept: after an interruption it goes on from an earlier one, or from round 0. null: none was.',
  }),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  end: z
    .string()
    .nullable()
    .meta({ description: 'completed, diverged, failed, cancelled, or why it was queued again; null while it runs.' }),
});
export const runAttemptListSchema = z.object({ items: z.array(runAttemptSchema) });
export type RunAttemptBody = z.output<typeof runAttemptSchema>;
