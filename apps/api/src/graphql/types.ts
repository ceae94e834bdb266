/** The GraphQL types. Descriptions are what a client developer reads. */
import { Field, Float, GraphQLISODateTime, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { GraphQLJSON } from 'graphql-scalars';
import {
  ARCHIVE_FILTERS,
  CURVE_METRICS,
  CURVE_ROUNDS,
  ENDINGS,
  EXPERIMENT_STATES,
  HOLDS,
  MAX_TAGS,
  METRIC_NAMES,
  POINT_ROLES,
  RUN_STATES,
  TASK_SETS,
  VISIBILITIES,
  WAITING_REASONS,
  type JsonValue,
} from '@airmeta/spec';
import { holds, MEASURED } from './query-limits.js';

/** Axes of a sweep, as they mostly are, and members who are before one: rows of a word or two. */
export const AXES = 10;
const MEMBERS_AHEAD = 50;

/** A GraphQL enum of these names. */
export const enumOf = <T extends string>(names: readonly T[]) => Object.fromEntries(names.map((name) => [name, name])) as Record<T, T>;

export const RunStateEnum = enumOf(RUN_STATES);
export const ExperimentStateEnum = enumOf(EXPERIMENT_STATES);
export const VisibilityEnum = enumOf(VISIBILITIES);
export const HoldEnum = enumOf(HOLDS);
export const EndingEnum = enumOf(ENDINGS);
export const ArchiveFilterEnum = enumOf(ARCHIVE_FILTERS);
export const MetricEnum = enumOf(METRIC_NAMES);
export const PointRoleEnum = enumOf(POINT_ROLES);
export const TaskSetEnum = enumOf(TASK_SETS);
export const CurveRoundEnum = enumOf(CURVE_ROUNDS);
export const CurveMetricEnum = enumOf(CURVE_METRICS);
registerEnumType(RunStateEnum, { name: 'RunState' });
registerEnumType(ExperimentStateEnum, { name: 'ExperimentState' });
registerEnumType(VisibilityEnum, { name: 'Visibility', description: 'lab: every member sees it. private: its owner and admins.' });
registerEnumType(HoldEnum, {
  name: 'Hold',
  description: 'Why no run starts. paused: somebody paused it. failures: as many failed as its limits allow.',
});
registerEnumType(EndingEnum, {
  name: 'Ending',
  description: 'Why it ends before all of its runs. stop, cancel: somebody did. budget: its compute time is used up.',
});
registerEnumType(ArchiveFilterEnum, { name: 'ArchiveFilter' });
registerEnumType(MetricEnum, { name: 'Metric', description: 'What is measured at an evaluated round.' });
registerEnumType(PointRoleEnum, {
  name: 'PointRole',
  description:
    'swept: a point of the grid. Added for comparison: twin, its ideal counterpart; matched, its gain-matched twin, ideal but for the point’s update gains.',
});

registerEnumType(TaskSetEnum, {
  name: 'TaskSet',
  description: 'train: training agents’ own tasks. newAgents: unseen agents of the training environment. newTasks: outside of it.',
});
registerEnumType(CurveRoundEnum, {
  name: 'CurveRound',
  description: 'Evaluated round: the last, or the best for new tasks, by accuracy (in regression by loss).',
});
registerEnumType(CurveMetricEnum, { name: 'CurveMetric' });

@ObjectType({ description: 'One value of a sweep’s axis.' })
export class AxisType {
  @Field(() => String, { description: 'Dotted path into the configuration, such as uplink.snr.' }) path!: string;
  @Field(() => GraphQLJSON) value!: JsonValue;
}

@ObjectType({ description: 'Runs by state.' })
export class RunCountsType {
  @Field(() => Int) queued!: number;
  @Field(() => Int) running!: number;
  @Field(() => Int) completed!: number;
  @Field(() => Int) diverged!: number;
  @Field(() => Int) failed!: number;
  @Field(() => Int) cancelled!: number;
}

@ObjectType({ description: 'One metric of one run over its evaluated rounds.' })
export class SeriesType {
  @Field(() => MetricEnum) metric!: keyof typeof MetricEnum;
  @Field(() => [Int], { complexity: MEASURED }) rounds!: readonly number[];
  @Field(() => [Float], { nullable: 'items', description: 'null where the metric does not apply.', complexity: MEASURED })
  values!: readonly (number | null)[];
}

const statistic = (description: string) => Field(() => [Float], { nullable: 'items', description, complexity: MEASURED });

@ObjectType('FineTuningCurve', {
  description: 'Distribution of a score over the tasks of a set after 0, 1, ..., S fine-tuning steps; null where it is not finite.',
})
export class FineTuningCurveType {
  @Field(() => CurveRoundEnum) at!: keyof typeof CurveRoundEnum;
  @Field(() => Int) round!: number;
  @Field(() => TaskSetEnum) set!: keyof typeof TaskSetEnum;
  @Field(() => CurveMetricEnum) metric!: keyof typeof CurveMetricEnum;
  @Field(() => Int, { description: 'Tasks in the set.' }) tasks!: number;
  @statistic('Mean over tasks.') mean!: readonly (number | null)[];
  @statistic('Standard deviation, n - 1 in the denominator.') deviation!: readonly (number | null)[];
  @statistic('Quantile 5 %.') q05!: readonly (number | null)[];
  @statistic('Quantile 25 %.') q25!: readonly (number | null)[];
  @statistic('Median.') q50!: readonly (number | null)[];
  @statistic('Quantile 75 %.') q75!: readonly (number | null)[];
  @statistic('Quantile 95 %.') q95!: readonly (number | null)[];
}

@ObjectType({ description: 'Why a run has no result.' })
export class RunFailureType {
  @Field(() => String) code!: string;
  @Field(() => String) message!: string;
  @Field(() => Int, { nullable: true, description: 'For divergence: the first round that was not finite.' }) round?: number | null;
}

@ObjectType('RunsAhead', { description: 'Runs of one member that start before a run.' })
export class RunsAheadType {
  @Field(() => String, { nullable: true, description: 'null: of a lab without accounts.' }) member!: string | null;
  @Field(() => Int) runs!: number;
}

@ObjectType('RunWhy', { description: 'Why a run is not running.' })
export class RunWhyType {
  @Field(() => String, { description: `One of ${WAITING_REASONS.join(', ')}.` }) reason!: string;
  @Field(() => String, { description: 'The reason for people.' }) sentence!: string;
  @Field(() => Int, { nullable: true, description: 'Runs that start before it, plus one; null when it is not waiting for its turn.' })
  position!: number | null;
  @Field(() => [RunsAheadType], { complexity: holds(MEMBERS_AHEAD) }) ahead!: readonly RunsAheadType[];
  @Field(() => Int, { nullable: true, description: 'Most runs of its owner that run at once; null: no cap.' }) cap!: number | null;
  @Field(() => Int, { description: 'Runs of its owner that are running or handed to a worker.' }) runningOfOwner!: number;
  @Field(() => Int, { description: 'Places at workers that have nothing to do.' }) freeSlots!: number;
}

@ObjectType('RunAttempt', { description: 'One claim of a run by a worker, and what became of it.' })
export class RunAttemptType {
  @Field(() => Float, {
    nullable: true,
    description: 'Size of a checkpoint of it that was too large to be kept [bytes]; null: none was.',
  })
  refusedCheckpointBytes!: number | null;
  @Field(() => Int, { description: 'The attempt’s number: 1, 2, 3, ...' }) fence!: number;
  @Field(() => ID, { nullable: true }) workerId!: string | null;
  @Field(() => String, { nullable: true }) engine!: string | null;
  @Field(() => Int, { description: 'Where it began: 0, or the round of a checkpoint.' }) fromRound!: number;
  @Field(() => GraphQLISODateTime) startedAt!: Date;
  @Field(() => GraphQLISODateTime, { nullable: true }) endedAt!: Date | null;
  @Field(() => String, { nullable: true, description: 'The run’s final state, or why it was queued again; null while it runs.' })
  end!: string | null;
}

@ObjectType('RemainingTime', { description: 'A 95 % prediction interval.' })
export class RemainingTimeType {
  @Field(() => Float) lowMs!: number;
  @Field(() => Float) highMs!: number;
}

const DATA_FINGERPRINT = 'Content address of the images that are read; null where data are drawn, or were not recorded.';

@ObjectType('Run', { description: 'A point times a replicate: one job.' })
export class RunType {
  @Field(() => ID) id!: string;
  @Field(() => ID) experimentId!: string;
  @Field(() => ID) pointId!: string;
  @Field(() => Int) replicate!: number;
  @Field(() => String, { description: 'Seed of the run, an integer below 2^53, as text.' }) seed!: string;
  @Field(() => RunStateEnum) state!: keyof typeof RunStateEnum;
  @Field(() => Int, { description: 'How often a worker has claimed it.' }) claims!: number;
  @Field(() => Int) round!: number;
  @Field(() => Int) rounds!: number;
  @Field(() => String, { nullable: true, description: 'Name and version of the arithmetic.' }) engine!: string | null;
  @Field(() => String, { nullable: true, description: DATA_FINGERPRINT }) dataFingerprint!: string | null;
  @Field(() => RunFailureType, { nullable: true }) failure!: RunFailureType | null;
  @Field(() => Boolean, { description: 'Whether its results are those of an equal computation, which was not repeated.' }) shared!: boolean;
  @Field(() => Int, { description: 'Attempts lost to dead workers and faults of the infrastructure.' }) losses!: number;
  @Field(() => Float, { description: 'Time it has computed so far, over all attempts [ms].' }) computeMs!: number;
  @Field(() => ID, { nullable: true }) workerId!: string | null;
  @Field(() => GraphQLISODateTime, { nullable: true }) startedAt!: Date | null;
  @Field(() => GraphQLISODateTime, { nullable: true }) finishedAt!: Date | null;
}

@ObjectType()
export class RunPageType {
  @Field(() => [RunType]) items!: RunType[];
  @Field(() => String, { nullable: true }) nextCursor!: string | null;
}

@ObjectType('Point', { description: 'One configuration without the seed.' })
export class PointType {
  @Field(() => ID) id!: string;
  @Field(() => Int) index!: number;
  @Field(() => PointRoleEnum) role!: keyof typeof PointRoleEnum;
  @Field(() => String) label!: string;
  @Field(() => [AxisType], { complexity: holds(AXES) }) axes!: AxisType[];
  @Field(() => GraphQLJSON, { description: 'The normalised configuration.' }) config!: unknown;
  @Field(() => String, { description: 'Content address of the configuration.' }) hash!: string;
  @Field(() => String, { nullable: true, description: DATA_FINGERPRINT }) dataFingerprint!: string | null;
  @Field(() => ID, { nullable: true }) twinPointId!: string | null;
}

@ObjectType()
export class PointPageType {
  @Field(() => [PointType]) items!: PointType[];
  @Field(() => String, { nullable: true }) nextCursor!: string | null;
}

@ObjectType('Experiment', { description: 'What was submitted: a name, a base configuration, a sweep.' })
export class ExperimentType {
  @Field(() => ID) id!: string;
  @Field(() => String) name!: string;
  @Field(() => String, { nullable: true }) description!: string | null;
  @Field(() => String, { nullable: true, description: 'Name of the member who submitted it; null: from a lab without accounts.' })
  owner!: string | null;
  @Field(() => VisibilityEnum) visibility!: keyof typeof VisibilityEnum;
  @Field(() => ExperimentStateEnum) state!: keyof typeof ExperimentStateEnum;
  @Field(() => String) hash!: string;
  @Field(() => Int) replicates!: number;
  @Field(() => Int) pointCount!: number;
  @Field(() => Int) runCount!: number;
  @Field(() => RunCountsType) runs!: RunCountsType;
  @Field(() => Int, { description: 'Runs with the results of an equal computation, which was not repeated.' }) sharedRuns!: number;
  @Field(() => Float) roundsDone!: number;
  @Field(() => Float) roundsTotal!: number;
  @Field(() => HoldEnum, { nullable: true, description: 'Why no run starts; null: runs start in turn.' }) hold!:
    keyof typeof HoldEnum | null;
  @Field(() => EndingEnum, { nullable: true, description: 'Why it ends, or has ended, before all of its runs.' })
  ending!: keyof typeof EndingEnum | null;
  @Field(() => Int, { description: 'Among experiments of one owner; higher goes first.' }) priority!: number;
  @Field(() => [String], { complexity: MAX_TAGS }) tags!: readonly string[];
  @Field(() => String, { nullable: true }) notes!: string | null;
  @Field(() => GraphQLISODateTime, { nullable: true }) archivedAt!: Date | null;
  @Field(() => Float, { description: 'Time its runs have computed so far [ms].' }) computeMs!: number;
  @Field(() => RemainingTimeType, {
    nullable: true,
    description: 'Time it takes from now on, as a 95 % interval; null before three runs are done, and when nothing runs.',
  })
  remaining!: RemainingTimeType | null;
  @Field(() => GraphQLISODateTime) createdAt!: Date;
  @Field(() => GraphQLISODateTime, { nullable: true }) finishedAt!: Date | null;
}

@ObjectType()
export class ExperimentPageType {
  @Field(() => [ExperimentType]) items!: ExperimentType[];
  @Field(() => String, { nullable: true }) nextCursor!: string | null;
}
