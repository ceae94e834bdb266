/** What the REST interface answers, as schemas: the server documents them, the client checks them. */
import { z } from 'zod';
import { VISIBILITIES } from './access-wire.js';
import { ENDINGS, HOLDS } from './control-wire.js';
import { datasetSummarySchema } from './dataset-summary.js';
import { EXPERIMENT_STATES, RUN_STATES } from './records.js';

export const runCountsSchema = z.object(
  Object.fromEntries(RUN_STATES.map((state) => [state, z.int().min(0)])) as Record<(typeof RUN_STATES)[number], z.ZodInt>,
);

export const experimentSummarySchema = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  owner: z
    .string()
    .nullable()
    .default(null)
    .meta({ description: 'Name of the member who submitted it; null: from a lab without accounts.' }),
  visibility: z.enum(VISIBILITIES).default('lab').meta({ description: 'lab: every member sees it. private: its owner and admins.' }),
  state: z.enum(EXPERIMENT_STATES),
  hash: z.string().meta({ description: 'SHA-256 of the normalised specification.' }),
  replicates: z.int(),
  pointCount: z.int(),
  runCount: z.int(),
  runs: runCountsSchema.meta({ description: 'Runs by state.' }),
  sharedRuns: z.int().default(0).meta({ description: 'Runs with the results of an equal computation, which was not repeated.' }),
  roundsDone: z.int(),
  roundsTotal: z.int(),
  hold: z.enum(HOLDS).nullable().default(null).meta({ description: 'Why no run starts; null: runs start in turn.' }),
  ending: z.enum(ENDINGS).nullable().default(null).meta({ description: 'Why it ends, or has ended, before all of its runs.' }),
  priority: z.int().default(0).meta({ description: 'Among experiments of one owner; higher goes first.' }),
  tags: z.array(z.string()).default([]),
  notes: z.string().nullable().default(null),
  archivedAt: z.iso.datetime().nullable().default(null),
  computeMs: z.number().default(0).meta({ description: 'Compute time of attempts that have ended.' }),
  remainingMs: z
    .object({ low: z.number(), high: z.number() })
    .nullable()
    .default(null)
    .meta({ description: 'Time it takes from now on, as a 95 % interval; null before three runs are done, and when nothing runs.' }),
  createdAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
});
export type ExperimentSummaryBody = z.output<typeof experimentSummarySchema>;

export const experimentSchema = experimentSummarySchema.extend({
  specification: z.json().meta({ description: 'The normalised document; submitting it again gives the same points.' }),
});

export const experimentPageSchema = z.object({
  items: z.array(experimentSummarySchema),
  nextCursor: z.string().nullable(),
});

export const experimentPreviewSchema = z.object({
  name: z.string(),
  hash: z.string(),
  pointCount: z.int(),
  twinCount: z.int().meta({ description: 'Points added as ideal twins.' }),
  matchedTwinCount: z.int().meta({ description: 'Points added as gain-matched twins; each costs two runs.' }),
  replicates: z.int(),
  runCount: z.int(),
  roundsTotal: z.int(),
  recordsTotal: z.int(),
  metaGradientsTotal: z.int().meta({ description: 'Active agents x local steps x rounds over all runs: most of the work.' }),
  points: z.array(z.object({ index: z.int(), label: z.string(), hash: z.string(), axes: z.record(z.string(), z.json()) })),
  cautions: z
    .array(z.object({ message: z.string(), points: z.array(z.int()).meta({ description: 'Indices of the points it is about.' }) }))
    .meta({ description: 'What is allowed, and will tell nothing.' }),
  datasets: z.array(datasetSummarySchema).meta({ description: 'The data sets it reads, and what was read of them.' }),
});
export type ExperimentPreviewBody = z.output<typeof experimentPreviewSchema>;

/** Problem details (RFC 9457). */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  requestId: z.string().optional(),
  faults: z.array(z.object({ pointer: z.string(), message: z.string() })).optional(),
});
export type Problem = z.output<typeof problemSchema>;

/** Live views repeat progress after this long without news, so that a reader can tell a quiet experiment from a dead connection. */
export const KEEP_ALIVE_MS = 15_000;

/** Data of a server-sent event whose event name is one of the experiment's event types. */
export const experimentEventSchema = z.object({
  sequence: z.int(),
  type: z.string(),
  runId: z.string().nullable(),
  data: z.json(),
  at: z.iso.datetime(),
});
export type ExperimentEventBody = z.output<typeof experimentEventSchema>;
