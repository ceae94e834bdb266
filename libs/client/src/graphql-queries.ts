/** The GraphQL documents the client sends, and the answers it expects. */
import {
  CLAIM_VERDICTS,
  COMPARISON_BASES,
  CURVE_METRICS,
  CURVE_ROUNDS,
  CURVE_STATISTICS,
  LEARNING_CURVE_METRICS,
  METRIC_NAMES,
  NEW_TASK_SCORES,
  RUN_STATES,
  TASK_SETS,
} from '@airmeta/spec';
import { z } from 'zod';

const ESTIMATE = '{ mean low high n }';
const ESTIMATES = ['trainLoss', 'newAgentsLoss', 'newAgentsAccuracy', 'gapLoss', 'gapAccuracy'] as const;
const COUNTED = `{ estimate ${ESTIMATE} censored }`;
const COMPARISON = `{ ${COMPARISON_BASES.map((basis) => `${basis} { ${NEW_TASK_SCORES.map((score) => `${score} ${ESTIMATE}`).join(' ')} }`).join(' ')} }`;

export const TRADEOFF_QUERY = `query Tradeoff($experimentId: ID!) {
  tradeoff(experimentId: $experimentId) {
    experimentId name targetTrainLoss
    rows {
      pointId pointIndex role label axes { path value } twinPointId
      runs { total completed diverged open }
      roundsToTarget ${COUNTED}
      extraRounds ${COUNTED}
      ${ESTIMATES.map((name) => `${name} ${ESTIMATE}`).join('\n      ')}
      newTasks ${COMPARISON}
      gains ${COMPARISON}
    }
  }
}`;

const recordOf = <Name extends string, Schema extends z.ZodType>(names: readonly Name[], schema: Schema) =>
  Object.fromEntries(names.map((name) => [name, schema])) as Record<Name, Schema>;

const numbersSchema = z.array(z.number().nullable());
const estimateSchema = z.object({ mean: z.number(), low: z.number().nullable(), high: z.number().nullable(), n: z.int() }).nullable();
const countedSchema = z.object({ estimate: estimateSchema, censored: z.int() });
const comparisonSchema = z.object(recordOf(COMPARISON_BASES, z.object(recordOf(NEW_TASK_SCORES, estimateSchema))));

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
        twinPointId: z.string().nullable(),
        runs: z.object({ total: z.int(), completed: z.int(), diverged: z.int(), open: z.int() }),
        roundsToTarget: countedSchema,
        extraRounds: countedSchema,
        ...recordOf(ESTIMATES, estimateSchema),
        newTasks: comparisonSchema,
        gains: comparisonSchema,
      }),
    ),
  }),
});

const CLAIM_ESTIMATES = ['twinBest', 'best', 'gain', 'relativeGain', 'gainAtTarget'] as const;

export const CLAIM_QUERY = `query Claim($experimentId: ID!, $budget: Float) {
  claim(experimentId: $experimentId, budget: $budget) {
    experimentId name budget compared simultaneousLevel verdict sentence
    rows {
      pointId pointIndex label score cut
      simultaneous { low high }
      extraRounds ${COUNTED}
      ${CLAIM_ESTIMATES.map((name) => `${name} ${ESTIMATE}`).join('\n      ')}
    }
  }
}`;

export const claimAnswerSchema = z.object({
  claim: z.object({
    experimentId: z.string(),
    name: z.string(),
    budget: z.number(),
    compared: z.int(),
    simultaneousLevel: z.number(),
    verdict: z.enum(CLAIM_VERDICTS),
    sentence: z.string(),
    rows: z.array(
      z.object({
        pointId: z.string(),
        pointIndex: z.int(),
        label: z.string(),
        score: z.enum(NEW_TASK_SCORES),
        cut: z.int(),
        simultaneous: z.object({ low: z.number(), high: z.number() }).nullable(),
        extraRounds: countedSchema,
        ...recordOf(CLAIM_ESTIMATES, estimateSchema),
      }),
    ),
  }),
});

export const LEARNING_CURVES_QUERY = `query LearningCurves($experimentId: ID!, $points: [Int!]) {
  learningCurves(experimentId: $experimentId, points: $points) {
    experimentId name omitted
    points { pointId pointIndex role label curves { metric rounds mean low high n } }
  }
}`;

export const learningCurvesAnswerSchema = z.object({
  learningCurves: z.object({
    experimentId: z.string(),
    name: z.string(),
    omitted: z.int(),
    points: z.array(
      z.object({
        pointId: z.string(),
        pointIndex: z.int(),
        role: z.enum(['swept', 'twin']),
        label: z.string(),
        curves: z.array(
          z.object({
            metric: z.enum(LEARNING_CURVE_METRICS),
            rounds: z.array(z.int()),
            mean: z.array(z.number()),
            low: numbersSchema,
            high: numbersSchema,
            n: z.array(z.int()),
          }),
        ),
      }),
    ),
  }),
});

const PAGE = 100;

export const RUN_ROWS_QUERY = `query Runs($experimentId: ID!, $after: String, $state: RunState, $pointId: ID) {
  experiment(id: $experimentId) {
    runList(limit: ${PAGE}, after: $after, state: $state, pointId: $pointId) {
      nextCursor
      items { id pointId replicate seed state round rounds claims losses shared computeMs failure { code message } }
    }
  }
}`;

const runRowSchema = z.object({
  id: z.string(),
  pointId: z.string(),
  replicate: z.int(),
  seed: z.string(),
  state: z.enum(RUN_STATES),
  round: z.int(),
  rounds: z.int(),
  claims: z.int(),
  losses: z.int(),
  shared: z.boolean(),
  computeMs: z.number(),
  failure: z.object({ code: z.string(), message: z.string() }).nullable(),
});
export type RunListItem = z.output<typeof runRowSchema>;
/** A run with its point's place and name. */
export type RunRow = RunListItem & { readonly pointIndex: number; readonly label: string };

export const POINT_LABELS_QUERY = `query Points($experimentId: ID!) { experiment(id: $experimentId) { points { id index label } } }`;

const pointLabelSchema = z.object({ id: z.string(), index: z.int(), label: z.string() });
export type PointLabel = z.output<typeof pointLabelSchema>;

/** With what makes them differ. */
export const DESCRIBED_POINTS_QUERY = `query DescribedPoints($experimentId: ID!) {
  experiment(id: $experimentId) { points { id index role label axes { path value } } }
}`;

export const describedPointsAnswerSchema = z.object({
  experiment: z
    .object({
      points: z.array(
        pointLabelSchema.extend({ role: z.enum(['swept', 'twin']), axes: z.array(z.object({ path: z.string(), value: z.json() })) }),
      ),
    })
    .nullable(),
});

export const pointLabelsAnswerSchema = z.object({ experiment: z.object({ points: z.array(pointLabelSchema) }).nullable() });

export const runRowsAnswerSchema = z.object({
  experiment: z.object({ runList: z.object({ nextCursor: z.string().nullable(), items: z.array(runRowSchema) }) }).nullable(),
});

export const SERIES_QUERY = `query Series($experimentId: ID!, $after: String) {
  experiment(id: $experimentId) {
    runList(limit: ${PAGE}, after: $after) {
      nextCursor
      items { id pointId replicate seed state engine series { metric rounds values } }
    }
  }
}`;

const metricSeriesSchema = z.object({
  metric: z.enum(METRIC_NAMES),
  rounds: z.array(z.int()),
  values: z.array(z.number().nullable()),
});
export type MetricSeries = z.output<typeof metricSeriesSchema>;

export const RUN_SERIES_QUERY = `query RunSeries($runId: ID!) { run(id: $runId) { series { metric rounds values } } }`;

export const runSeriesAnswerSchema = z.object({ run: z.object({ series: z.array(metricSeriesSchema) }).nullable() });

const runSeriesSchema = z.object({
  id: z.string(),
  pointId: z.string(),
  replicate: z.int(),
  seed: z.string(),
  state: z.enum(RUN_STATES),
  engine: z.string().nullable(),
  series: z.array(metricSeriesSchema),
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

const runCurvesSchema = runSeriesSchema.omit({ series: true }).extend({
  fineTuning: z.array(
    z.object({
      at: z.enum(CURVE_ROUNDS),
      round: z.int(),
      set: z.enum(TASK_SETS),
      metric: z.enum(CURVE_METRICS),
      tasks: z.int(),
      ...recordOf(CURVE_STATISTICS, numbersSchema),
    }),
  ),
});
export type RunCurves = z.output<typeof runCurvesSchema>;

export const curvesAnswerSchema = z.object({
  experiment: z.object({ runList: z.object({ nextCursor: z.string().nullable(), items: z.array(runCurvesSchema) }) }).nullable(),
});
