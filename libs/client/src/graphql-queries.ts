/** The GraphQL documents the client sends, and the answers it expects. */
import { CURVE_METRICS, CURVE_ROUNDS, CURVE_STATISTICS, METRIC_NAMES, RUN_STATES, TASK_SETS } from '@airmeta/spec';
import { z } from 'zod';

const ESTIMATE = '{ mean low high n }';
const ESTIMATES = [
  'trainLoss',
  'newAgentsLoss',
  'newAgentsAccuracy',
  'newTasksLoss',
  'newTasksAccuracy',
  'gapLoss',
  'gapAccuracy',
  'gainAccuracyLast',
  'gainAccuracyBest',
  'gainLossLast',
  'gainLossBest',
] as const;

export const TRADEOFF_QUERY = `query Tradeoff($experimentId: ID!) {
  tradeoff(experimentId: $experimentId) {
    experimentId name targetTrainLoss
    rows {
      pointId pointIndex role label axes { path value }
      runs { total completed diverged open }
      roundsToTarget { estimate ${ESTIMATE} censored }
      ${ESTIMATES.map((name) => `${name} ${ESTIMATE}`).join('\n      ')}
    }
  }
}`;

const estimateSchema = z.object({ mean: z.number(), low: z.number().nullable(), high: z.number().nullable(), n: z.int() }).nullable();

export const tradeoffAnswerSchema = z.object({
  tradeoff: z.object({
    experimentId: z.string(),
    name: z.string(),
    targetTrainLoss: z.number().nullable(),
    rows: z.array(
      z.object({
        pointId: z.string(),
        pointIndex: z.int(),
        role: z.enum(['swept', 'twin']),
        label: z.string(),
        axes: z.array(z.object({ path: z.string(), value: z.json() })),
        runs: z.object({ total: z.int(), completed: z.int(), diverged: z.int(), open: z.int() }),
        roundsToTarget: z.object({ estimate: estimateSchema, censored: z.int() }),
        ...(Object.fromEntries(ESTIMATES.map((name) => [name, estimateSchema])) as Record<
          (typeof ESTIMATES)[number],
          typeof estimateSchema
        >),
      }),
    ),
  }),
});

const PAGE = 100;

export const SERIES_QUERY = `query Series($experimentId: ID!, $after: String) {
  experiment(id: $experimentId) {
    runList(limit: ${PAGE}, after: $after) {
      nextCursor
      items { id pointId replicate seed state engine series { metric rounds values } }
    }
  }
}`;

const runSeriesSchema = z.object({
  id: z.string(),
  pointId: z.string(),
  replicate: z.int(),
  seed: z.string(),
  state: z.enum(RUN_STATES),
  engine: z.string().nullable(),
  series: z.array(z.object({ metric: z.enum(METRIC_NAMES), rounds: z.array(z.int()), values: z.array(z.number().nullable()) })),
});
export type RunSeries = z.output<typeof runSeriesSchema>;

export const seriesAnswerSchema = z.object({
  experiment: z.object({ runList: z.object({ nextCursor: z.string().nullable(), items: z.array(runSeriesSchema) }) }).nullable(),
});

export const CURVES_QUERY = `query Curves($experimentId: ID!, $after: String) {
  experiment(id: $experimentId) {
    runList(limit: ${PAGE}, after: $after) {
      nextCursor
      items { id pointId replicate seed state engine fineTuning { at round set metric tasks ${CURVE_STATISTICS.join(' ')} } }
    }
  }
}`;

const statisticSchema = z.array(z.number().nullable());

const runCurvesSchema = runSeriesSchema.omit({ series: true }).extend({
  fineTuning: z.array(
    z.object({
      at: z.enum(CURVE_ROUNDS),
      round: z.int(),
      set: z.enum(TASK_SETS),
      metric: z.enum(CURVE_METRICS),
      tasks: z.int(),
      ...(Object.fromEntries(CURVE_STATISTICS.map((name) => [name, statisticSchema])) as Record<
        (typeof CURVE_STATISTICS)[number],
        typeof statisticSchema
      >),
    }),
  ),
});
export type RunCurves = z.output<typeof runCurvesSchema>;

export const curvesAnswerSchema = z.object({
  experiment: z.object({ runList: z.object({ nextCursor: z.string().nullable(), items: z.array(runCurvesSchema) }) }).nullable(),
});
