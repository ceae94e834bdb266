/** What the lab's database takes on disk, and what may be taken away again, as the REST interface shows them. */
import { z } from 'zod';

/** series: records of runs. curves: of fine-tuning. other: everything else in the database, such as experiments, points, runs, the queue. */
export const DISK_KINDS = ['series', 'parameters', 'checkpoints', 'curves', 'events', 'other'] as const;
export type DiskKind = (typeof DISK_KINDS)[number];

const bytes = z.number().min(0);

const diskUsageShape = {
  databaseBytes: bytes.meta({ description: 'Of the whole database. Room that was given free is used again before it grows.' }),
  freeBytes: bytes
    .nullable()
    .meta({ description: 'Free room of its disk; null where it cannot be told, as of a database on another machine.' }),
  keptBytes: bytes.meta({ description: 'Parameters and last checkpoints of runs that have ended.' }),
  keptBytesLimit: bytes.nullable().meta({ description: 'Most of these; what is over is not kept of runs that end. null: no limit.' }),
};
export const diskUsageSchema = z.object({
  ...diskUsageShape,
  warnings: z.array(z.string()).meta({ description: 'What is near its end, a sentence each.' }),
});
export type DiskUsageBody = z.output<typeof diskUsageSchema>;
export type DiskUsage = Omit<DiskUsageBody, 'warnings'>;

export const ownerDiskSchema = z.object({
  member: z.string().nullable().meta({ description: 'null: experiments that nobody owns.' }),
  experiments: z.int(),
  runs: z.int(),
  bytes: z.object({ series: bytes, parameters: bytes, checkpoints: bytes, curves: bytes, events: bytes }).meta({
    description: 'Parameters and checkpoints are counted; of the others, which are sampled where they are many, it is the owner’s share.',
  }),
});
export type OwnerDisk = z.output<typeof ownerDiskSchema>;

export const diskReportSchema = diskUsageSchema.extend({
  kinds: z.array(z.object({ kind: z.enum(DISK_KINDS), bytes })),
  owners: z.array(ownerDiskSchema).meta({ description: 'Whoever takes most comes first.' }),
});
export type DiskReportBody = z.output<typeof diskReportSchema>;
export type DiskReport = Omit<DiskReportBody, 'warnings'>;

const MAX_LIMIT = Number.MAX_SAFE_INTEGER;
const limit = z
  .int({ error: 'must be a whole number of bytes' })
  .min(0, { error: 'must be at least 0' })
  .max(MAX_LIMIT, { error: `must be at most ${MAX_LIMIT}` });

export const diskLimitSchema = z.strictObject({
  keptBytesLimit: limit.nullable().meta({ description: 'Most bytes of parameters and last checkpoints; null: no limit.' }),
});

export const MAX_PRUNE_DAYS = 36_500;
export const pruneChoiceSchema = z
  .strictObject({
    olderThanDays: z
      .int({ error: `must be a whole number from 0 to ${MAX_PRUNE_DAYS}` })
      .min(0, { error: 'must be at least 0' })
      .max(MAX_PRUNE_DAYS, { error: `must be at most ${MAX_PRUNE_DAYS}` })
      .optional()
      .meta({ description: 'Only of experiments that ended at least so many days ago.' }),
    archived: z.literal(true, { error: 'must be true, or left out' }).optional().meta({ description: 'Only of archived experiments.' }),
    keepBytes: limit.optional().meta({
      description: 'Only until the lab keeps no more than so many bytes of parameters and last checkpoints, what ended first first.',
    }),
  })
  .refine((choice) => Object.values(choice).some((value) => value !== undefined), {
    error: 'nothing to choose by: give olderThanDays, archived or keepBytes',
  });
export type PruneChoice = z.output<typeof pruneChoiceSchema>;

export const prunedExperimentSchema = z.object({
  id: z.string(),
  name: z.string(),
  owner: z.string().nullable(),
  endedAt: z.iso.datetime(),
  runs: z.int().meta({ description: 'Runs of it that lose something.' }),
  parameterBytes: bytes,
  checkpointBytes: bytes,
});
export type PrunedExperimentBody = z.output<typeof prunedExperimentSchema>;
export const prunedSchema = z.object({
  bytes: bytes.meta({ description: 'Parameters and checkpoints together.' }),
  experiments: z.array(prunedExperimentSchema).meta({ description: 'What ended first comes first.' }),
});
export type PrunedBody = z.output<typeof prunedSchema>;
