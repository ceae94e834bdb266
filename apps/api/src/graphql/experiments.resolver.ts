import { Inject } from '@nestjs/common';
import { Args, Context, ID, Int, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import {
  arithmeticNote,
  estimateRemaining,
  explainWait,
  MAX_ATTEMPTS,
  type ExperimentSummary,
  type Point,
  type Run,
  type RunAttempt,
} from '@airmeta/lab';
import type { Persistence } from '@airmeta/persistence';
import {
  CURVE_METRICS,
  CURVE_ROUNDS,
  MAX_CURVE_POINTS,
  METRIC_NAMES,
  TASK_SETS,
  type ArchiveFilter,
  type FineTuningCurve,
  type MetricName,
  type RunState,
  type TaskSet,
} from '@airmeta/spec';
import type { ComplexityEstimatorArgs } from 'graphql-query-complexity';
import { Performs } from '../access/performs.js';
import { readExperimentFilter } from '../edge/experiment-filter.js';
import { readPage } from '../edge/page.js';
import { requireId } from '../edge/uuid.js';
import { BadRequestError, NotFoundError } from '../edge/problem.js';
import { PERSISTENCE } from '../tokens.js';
import { LearningCurvesType } from './result-types.js';
import { axesOf } from './tradeoff.resolver.js';
import { atLeast, holds } from './query-limits.js';
import type { GraphqlContext } from './graphql-context.js';
import {
  ArchiveFilterEnum,
  CurveRoundEnum,
  ExperimentPageType,
  ExperimentType,
  FineTuningCurveType,
  MetricEnum,
  PointPageType,
  type PointType,
  RunAttemptType,
  RunPageType,
  RunStateEnum,
  RunType,
  RunWhyType,
  SeriesType,
  TaskSetEnum,
} from './types.js';

function experimentOf({ remaining, ...summary }: ExperimentSummary): ExperimentType {
  const time = estimateRemaining(remaining);
  return { ...summary, remaining: time && { lowMs: time.low, highMs: time.high } };
}

function pointOf(point: Point): PointType {
  return { ...point, axes: axesOf(point.axes) };
}

function runOf({ seed, fence, ...run }: Run): RunType {
  return { ...run, seed: String(seed), claims: fence };
}

/** As many lines as a picture can tell apart. */
const DEFAULT_CURVE_POINTS = 9;

/** What the curves of a point cost, which look at every run of it, in fields. */
const CURVE_COST = 100;

function pointsAsked({ points }: Readonly<Record<string, unknown>>): number {
  return Array.isArray(points) ? Math.min(points.length, MAX_CURVE_POINTS) : DEFAULT_CURVE_POINTS;
}

/** What a look at all runs of an experiment costs, in fields. */
const ARITHMETIC_COST = 100;
@Resolver(() => ExperimentType)
export class ExperimentsResolver {
  constructor(@Inject(PERSISTENCE) private readonly persistence: Persistence) {}

  @Performs('experiments:read')
  @Query(() => ExperimentPageType, { description: 'Experiments, newest first.' })
  async experiments(
    @Args('limit', { type: () => Int, nullable: true }) limit?: number,
    @Args('after', { type: () => String, nullable: true }) after?: string,
    @Args('archive', { type: () => ArchiveFilterEnum, nullable: true, description: 'current by default: those that are not archived.' })
    archive?: ArchiveFilter,
    @Args('tag', { type: () => String, nullable: true, description: 'Only those with this tag.' }) tag?: string,
  ): Promise<ExperimentPageType> {
    const page = await this.persistence.experiments.list(readPage(limit, after), readExperimentFilter(archive, tag));
    return { items: page.items.map(experimentOf), nextCursor: page.nextCursor };
  }

  @Performs('experiments:read')
  @Query(() => ExperimentType, { nullable: true })
  async experiment(@Args('id', { type: () => ID }) id: string): Promise<ExperimentType | null> {
    const experiment = await this.persistence.experiments.summary(requireId('experiment', id));
    return experiment ? experimentOf(experiment) : null;
  }

  @Performs('experiments:read')
  @Query(() => RunType, { nullable: true })
  async run(@Args('id', { type: () => ID }) id: string): Promise<RunType | null> {
    const run = await this.persistence.experiments.findRun(requireId('run', id));
    return run ? runOf(run) : null;
  }

  @Performs('experiments:read')
  @Query(() => LearningCurvesType, {
    description: 'Train loss and new-task scores against rounds, averaged over replicates; of long runs every n-th evaluated round.',
    complexity: ({ args, childComplexity }: Pick<ComplexityEstimatorArgs, 'args' | 'childComplexity'>) =>
      CURVE_COST * pointsAsked(args) + childComplexity,
  })
  async learningCurves(
    @Args('experimentId', { type: () => ID }) experimentId: string,
    @Args('points', { type: () => [Int], nullable: true, description: 'Indices of points; by default the first ones with their twins.' })
    points?: number[] | null,
  ): Promise<LearningCurvesType> {
    if (points && points.length > MAX_CURVE_POINTS)
      throw new BadRequestError(`points must name at most ${MAX_CURVE_POINTS} points, not ${points.length}`);
    const selection = points ? { points, limit: MAX_CURVE_POINTS } : { limit: DEFAULT_CURVE_POINTS };
    const curves = await this.persistence.experiments.learningCurves(requireId('experiment', experimentId), selection);
    if (!curves) throw new NotFoundError('experiment', experimentId);
    return curves;
  }

  @Performs('experiments:read')
  @ResolveField(() => PointPageType, { description: 'In the documented order: the grid, then twins.' })
  async points(
    @Parent() experiment: ExperimentType,
    @Args('limit', { type: () => Int, nullable: true }) limit?: number,
    @Args('after', { type: () => String, nullable: true }) after?: string,
  ): Promise<PointPageType> {
    const page = await this.persistence.experiments.pointPage(experiment.id, readPage(limit, after));
    return { items: page.items.map(pointOf), nextCursor: page.nextCursor };
  }

  @Performs('experiments:read')
  @ResolveField('runList', () => RunPageType, { description: 'Runs in order, optionally of one point or state.' })
  async runList(
    @Parent() experiment: ExperimentType,
    @Args('pointId', { type: () => ID, nullable: true }) pointId?: string,
    @Args('state', { type: () => RunStateEnum, nullable: true }) state?: RunState,
    @Args('limit', { type: () => Int, nullable: true }) limit?: number,
    @Args('after', { type: () => String, nullable: true }) after?: string,
  ): Promise<RunPageType> {
    const filter = { ...(pointId ? { pointId: requireId('point', pointId) } : {}), ...(state ? { state } : {}) };
    const page = await this.persistence.experiments.runs(experiment.id, filter, readPage(limit, after));
    return { items: page.items.map(runOf), nextCursor: page.nextCursor };
  }

  @Performs('experiments:read')
  @ResolveField(() => String, {
    nullable: true,
    description: 'What has to be said when its results come from more than one arithmetic; null when they do not.',
    complexity: atLeast(ARITHMETIC_COST),
  })
  async arithmeticNote(@Parent() experiment: ExperimentType): Promise<string | null> {
    return arithmeticNote(await this.persistence.experiments.arithmetics(experiment.id));
  }
}

/** What a question about one run costs that takes queries of its own, in fields. */
const WHY_COST = 500;
const ATTEMPTS_COST = 100;
const DEFAULT_ATTEMPTS = 10;
const attemptsAsked = ({ limit }: Readonly<Record<string, unknown>>) => (typeof limit === 'number' ? Math.max(1, limit) : DEFAULT_ATTEMPTS);
/** Fine-tuning curves of a run. */
const CURVES = CURVE_ROUNDS.length * TASK_SETS.length * CURVE_METRICS.length;
/** Series of a run, or as many as are asked for. */
const seriesAsked = ({ metrics }: Readonly<Record<string, unknown>>) =>
  Array.isArray(metrics) ? Math.min(metrics.length, METRIC_NAMES.length) : METRIC_NAMES.length;

@Resolver(() => RunType)
export class RunsResolver {
  constructor(@Inject(PERSISTENCE) private readonly persistence: Persistence) {}

  @Performs('experiments:read')
  @ResolveField(() => RunWhyType, {
    nullable: true,
    description: 'Why it is not running; null when it has been deleted meanwhile.',
    complexity: atLeast(WHY_COST),
  })
  async why(@Parent() run: RunType): Promise<RunWhyType | null> {
    const wait = await this.persistence.experiments.waitOf(run.id);
    return wait ? explainWait(wait) : null;
  }

  @Performs('experiments:read')
  @ResolveField(() => [RunAttemptType], {
    description: `The last claims by workers, oldest first: ${DEFAULT_ATTEMPTS} by default, at most ${MAX_ATTEMPTS}. They are numbered from 1.`,
    complexity: holds(attemptsAsked, ATTEMPTS_COST),
  })
  async attempts(@Parent() run: RunType, @Args('limit', { type: () => Int, nullable: true }) limit?: number | null): Promise<RunAttempt[]> {
    const most = limit ?? DEFAULT_ATTEMPTS;
    if (most < 1 || most > MAX_ATTEMPTS) throw new BadRequestError(`limit must be a whole number from 1 to ${MAX_ATTEMPTS}, not ${most}`);
    return this.persistence.experiments.attempts(run.id, most);
  }

  @Performs('experiments:read')
  @ResolveField(() => [SeriesType], {
    description: 'Metrics over evaluated rounds; all of them by default.',
    complexity: holds(seriesAsked),
  })
  async series(
    @Parent() run: RunType,
    @Context() context: GraphqlContext,
    @Args('metrics', { type: () => [MetricEnum], nullable: true }) metrics?: MetricName[],
  ): Promise<readonly SeriesType[]> {
    return context.seriesOf(metrics ?? undefined).load(run.id);
  }

  @Performs('experiments:read')
  @ResolveField(() => [FineTuningCurveType], {
    description: 'Fine-tuning curves at the last and the best evaluated round; none before the run has completed or diverged.',
    complexity: holds(CURVES),
  })
  async fineTuning(
    @Parent() run: RunType,
    @Context() context: GraphqlContext,
    @Args('at', { type: () => CurveRoundEnum, nullable: true }) at?: FineTuningCurve['at'],
    @Args('sets', { type: () => [TaskSetEnum], nullable: true }) sets?: TaskSet[],
  ): Promise<FineTuningCurveType[]> {
    const curves = await context.curves.load(run.id);
    return curves.filter((curve) => (!at || curve.at === at) && (!sets || sets.includes(curve.set)));
  }
}
