/** The GraphQL documents the client sends, and the answers it expects. */
import {
  CAVEAT_KINDS,
  CLAIM_VERDICTS,
  COMPARED_WITH,
  COMPARISON_BASES,
  CURVE_METRICS,
  CURVE_ROUNDS,
  CURVE_STATISTICS,
  LEARNING_CURVE_METRICS,
  METRIC_NAMES,
  POINT_ROLES,
  NEW_TASK_SCORES,
  PHYSICAL_FIGURES,
  RUN_STATES,
  SHARE_OF,
  TASK_SETS,
} from '@airmeta/spec';
import { z } from 'zod';

const ESTIMATE = '{ mean low high n outliers heavyTails robust { value low high } }';
const BRACKETED = '{ atLeast atMost low high }';
const ESTIMATES = ['trainLoss', 'newAgentsLoss', 'newAgentsAccuracy', 'gapLoss', 'gapAccuracy', 'trainLossArea', 'twinUpdateGain'] as const;
const COMPARISON = `{ ${COMPARISON_BASES.map((basis) => `${basis} { ${NEW_TASK_SCORES.map((score) => `${score} ${ESTIMATE}`).join(' ')} }`).join(' ')} }`;
const EXTRA_ROUNDS = `{ pairs reached censored diverged withoutTarget twinAtStart shareOf share ${BRACKETED} difference ${BRACKETED} }`;
const CAVEATS = '{ kind message }';

export const TRADEOFF_QUERY = `query Tradeoff($experimentId: ID!, $against: ComparedWith, $limit: Int, $offset: Int, $points: [Int!]) {
  tradeoff(experimentId: $experimentId, against: $against) {
    experimentId name against targetTrainLoss rowCount
    tuning { axis chosenOn judgedOn by }
    caveats ${CAVEATS}
    rows(limit: $limit, offset: $offset, points: $points) {
      pointId pointIndex role label axes { path value } twinPointId twinPointIndex
      tuned { value twinValue atEnd twinAtEnd }
      runs { total completed diverged open missing }
      pairs { completed diverged twinDiverged unpaired }
      roundsToTarget { n reached censored diverged withoutTarget horizon restrictedMean ${BRACKETED} median ${BRACKETED} }
      extraRounds ${EXTRA_ROUNDS}
      ${ESTIMATES.map((name) => `${name} ${ESTIMATE}`).join('\n      ')}
      newTasks ${COMPARISON}
      gains ${COMPARISON}
      physical { ${PHYSICAL_FIGURES.map((name) => `${name} ${ESTIMATE}`).join(' ')} }
      caveats ${CAVEATS}
    }
  }
}`;

const recordOf = <Name extends string, Schema extends z.ZodType>(names: readonly Name[], schema: Schema) =>
  Object.fromEntries(names.map((name) => [name, schema])) as Record<Name, Schema>;

const bound = z.number().nullable();
const numbersSchema = z.array(bound);
const EXTRA_ROUNDS_COUNTS = ['pairs', 'reached', 'censored', 'diverged', 'withoutTarget', 'twinAtStart'] as const;
const RUN_COUNTS = ['total', 'completed', 'diverged', 'open', 'missing'] as const;
const PAIR_COUNTS = ['completed', 'diverged', 'twinDiverged', 'unpaired'] as const;
const TIME_COUNTS = ['n', 'reached', 'censored', 'diverged', 'withoutTarget'] as const;
const estimateSchema = z
  .object({
    ...{ mean: z.number(), low: bound, high: bound, n: z.int(), outliers: z.int(), heavyTails: z.boolean() },
    robust: z.object({ value: z.number(), low: bound, high: bound }).nullable(),
  })
  .nullable();
const bracketedSchema = z.object({ atLeast: z.number(), atMost: bound, low: bound, high: bound }).nullable();
const comparisonSchema = z.object(recordOf(COMPARISON_BASES, z.object(recordOf(NEW_TASK_SCORES, estimateSchema))));
const caveatsSchema = z.array(z.object({ kind: z.enum(CAVEAT_KINDS), message: z.string() }));
const extraRoundsSchema = z
  .object({
    ...recordOf(EXTRA_ROUNDS_COUNTS, z.int()),
    ...{ share: bracketedSchema, shareOf: z.enum(SHARE_OF).nullable(), difference: bracketedSchema },
  })
  .nullable();

export const tradeoffAnswerSchema = z.object({
  tradeoff: z.object({
    experimentId: z.string(),
    name: z.string(),
    against: z.enum(COMPARED_WITH),
    targetTrainLoss: z.number().nullable(),
    rowCount: z.int(),
    tuning: z.object({ axis: z.string(), chosenOn: z.int(), judgedOn: z.int(), by: z.string() }).nullable(),
    caveats: caveatsSchema,
    rows: z.array(
      z.object({
        pointId: z.string(),
        pointIndex: z.int(),
        role: z.enum(POINT_ROLES),
        label: z.string(),
        axes: z.array(z.object({ path: z.string(), value: z.json() })),
        twinPointId: z.string().nullable(),
        twinPointIndex: z.int().nullable(),
        tuned: z.object({ value: z.json(), twinValue: z.json(), atEnd: z.boolean(), twinAtEnd: z.boolean() }).nullable(),
        runs: z.object(recordOf(RUN_COUNTS, z.int())),
        pairs: z.object(recordOf(PAIR_COUNTS, z.int())).nullable(),
        roundsToTarget: z.object({
          ...recordOf(TIME_COUNTS, z.int()),
          ...{ horizon: z.int().nullable(), restrictedMean: bracketedSchema, median: bracketedSchema },
        }),
        extraRounds: extraRoundsSchema,
        ...recordOf(ESTIMATES, estimateSchema),
        newTasks: comparisonSchema,
        gains: comparisonSchema,
        physical: z.object(recordOf(PHYSICAL_FIGURES, estimateSchema)),
        caveats: caveatsSchema,
      }),
    ),
  }),
});

const CLAIM_ESTIMATES = [
  'twinBest',
  'best',
  'gain',
  'atRunRound',
  'atTwinRound',
  'relativeGain',
  'gainAtTarget',
  'updateGain',
  'twinUpdateGain',
] as const;
const CLAIM_INTERVALS = ['simultaneous', 'twinRounds', 'runRounds'] as const;
const CLAIM_COUNTS = ['planned', 'pairs', 'diverged', 'bothDiverged', 'twinDiverged', 'missing', 'unscored', 'cut'] as const;

export const CLAIM_QUERY = `query Claim($experimentId: ID!, $budget: Float, $against: ComparedWith, $limit: Int, $offset: Int) {
  claim(experimentId: $experimentId, budget: $budget, against: $against) {
    experimentId name against budget compared simultaneousLevel verdict sentence rowCount
    rows(limit: $limit, offset: $offset) {
      pointId pointIndex label twinPointId score verdict
      counts { ${CLAIM_COUNTS.join(' ')} }
      ${CLAIM_INTERVALS.map((name) => `${name} { low high }`).join('\n      ')}
      extraRounds ${EXTRA_ROUNDS}
      ${CLAIM_ESTIMATES.map((name) => `${name} ${ESTIMATE}`).join('\n      ')}
      caveats ${CAVEATS}
    }
  }
}`;

export const claimAnswerSchema = z.object({
  claim: z.object({
    experimentId: z.string(),
    name: z.string(),
    against: z.enum(COMPARED_WITH),
    budget: z.number(),
    compared: z.int(),
    simultaneousLevel: z.number(),
    verdict: z.enum(CLAIM_VERDICTS),
    sentence: z.string(),
    rowCount: z.int(),
    rows: z.array(
      z.object({
        pointId: z.string(),
        pointIndex: z.int(),
        label: z.string(),
        twinPointId: z.string(),
        score: z.enum(NEW_TASK_SCORES),
        verdict: z.enum(CLAIM_VERDICTS),
        counts: z.object(recordOf(CLAIM_COUNTS, z.int())),
        ...recordOf(CLAIM_INTERVALS, z.object({ low: z.number(), high: z.number() }).nullable()),
        extraRounds: extraRoundsSchema,
        ...recordOf(CLAIM_ESTIMATES, estimateSchema),
        caveats: caveatsSchema,
      }),
    ),
  }),
});

export const ARITHMETIC_NOTE_QUERY = `query ArithmeticNote($experimentId: ID!) { experiment(id: $experimentId) { arithmeticNote } }`;

export const arithmeticNoteAnswerSchema = z.object({ experiment: z.object({ arithmeticNote: z.string().nullable() }).nullable() });

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
        role: z.enum(POINT_ROLES),
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

/** Points of a page. */
const POINT_PAGE = 200;
/** Runs of a page. */
export const RUN_PAGE = 100;

export const RUN_ROWS_QUERY = `query Runs($experimentId: ID!, $after: String, $state: RunState, $pointId: ID, $limit: Int = ${RUN_PAGE}) {
  experiment(id: $experimentId) {
    runList(limit: $limit, after: $after, state: $state, pointId: $pointId) {
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

export const POINT_LABELS_QUERY = `query Points($experimentId: ID!, $after: String) {
  experiment(id: $experimentId) { points(limit: ${POINT_PAGE}, after: $after) { nextCursor items { id index label } } }
}`;

const pointLabelSchema = z.object({ id: z.string(), index: z.int(), label: z.string() });
export type PointLabel = z.output<typeof pointLabelSchema>;

/** With what makes them differ. */
export const DESCRIBED_POINTS_QUERY = `query DescribedPoints($experimentId: ID!, $after: String) {
  experiment(id: $experimentId) {
    points(limit: ${POINT_PAGE}, after: $after) { nextCursor items { id index role label axes { path value } } }
  }
}`;

const pointsAnswerOf = <Schema extends z.ZodType>(schema: Schema) =>
  z.object({ experiment: z.object({ points: z.object({ nextCursor: z.string().nullable(), items: z.array(schema) }) }).nullable() });

export const describedPointsAnswerSchema = pointsAnswerOf(
  pointLabelSchema.extend({ role: z.enum(POINT_ROLES), axes: z.array(z.object({ path: z.string(), value: z.json() })) }),
);

export const pointLabelsAnswerSchema = pointsAnswerOf(pointLabelSchema);

export const runRowsAnswerSchema = z.object({
  experiment: z.object({ runList: z.object({ nextCursor: z.string().nullable(), items: z.array(runRowSchema) }) }).nullable(),
});

export const SERIES_QUERY = `query Series($experimentId: ID!, $after: String, $limit: Int = ${RUN_PAGE}) {
  experiment(id: $experimentId) {
    runList(limit: $limit, after: $after) {
      nextCursor
      items { id pointId replicate seed state engine dataFingerprint series { metric rounds values } }
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
  dataFingerprint: z.string().nullable(),
  series: z.array(metricSeriesSchema),
});
export type RunSeries = z.output<typeof runSeriesSchema>;

export const seriesAnswerSchema = z.object({
  experiment: z.object({ runList: z.object({ nextCursor: z.string().nullable(), items: z.array(runSeriesSchema) }) }).nullable(),
});

export const CURVES_QUERY = `query Curves($experimentId: ID!, $after: String, $limit: Int = ${RUN_PAGE}) {
  experiment(id: $experimentId) {
    runList(limit: $limit, after: $after) {
      nextCursor
      items { id pointId replicate seed state engine dataFingerprint fineTuning { at round set metric tasks ${CURVE_STATISTICS.join(' ')} } }
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
