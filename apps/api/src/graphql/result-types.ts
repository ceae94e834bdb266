/** The GraphQL types of what an experiment has shown: trade-off, claim, learning curves. */
import { Field, Float, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { CLAIM_VERDICTS, LEARNING_CURVE_METRICS, NEW_TASK_SCORES } from '@airmeta/spec';
import { AxisType, enumOf, PointRoleEnum } from './types.js';

export const NewTaskScoreEnum = enumOf(NEW_TASK_SCORES);
export const ClaimVerdictEnum = enumOf(CLAIM_VERDICTS);
export const LearningCurveMetricEnum = enumOf(LEARNING_CURVE_METRICS);
registerEnumType(NewTaskScoreEnum, { name: 'NewTaskScore', description: 'accuracy: more is better. loss: less is.' });
registerEnumType(ClaimVerdictEnum, {
  name: 'ClaimVerdict',
  description:
    'supported: some point’s simultaneous interval is on the better side of zero. worse: all are on the worse side. notShown: anything else.',
});
registerEnumType(LearningCurveMetricEnum, { name: 'LearningCurveMetric' });

@ObjectType('Estimate', { description: 'Mean over replicates with a two-sided 95 % Student-t interval; no interval when n < 2.' })
export class EstimateType {
  @Field(() => Float) mean!: number;
  @Field(() => Float, { nullable: true }) low!: number | null;
  @Field(() => Float, { nullable: true }) high!: number | null;
  @Field(() => Int) n!: number;
}

const estimate = (description?: string) => Field(() => EstimateType, { nullable: true, ...(description ? { description } : {}) });

@ObjectType()
export class RoundsToTargetType {
  @estimate() estimate!: EstimateType | null;
  @Field(() => Int, { description: 'Runs that never reached the target; they count with their last round.' }) censored!: number;
}

@ObjectType('ExtraRounds', { description: '(rounds to target of the run - its twin’s) / its twin’s, paired.' })
export class ExtraRoundsType {
  @estimate() estimate!: EstimateType | null;
  @Field(() => Int, { description: 'Pairs in which one of the two never reached the target and counts with its last round.' })
  censored!: number;
}

@ObjectType()
export class TradeoffRunsType {
  @Field(() => Int) total!: number;
  @Field(() => Int) completed!: number;
  @Field(() => Int) diverged!: number;
  @Field(() => Int, { description: 'Queued or running.' }) open!: number;
}

@ObjectType('NewTaskEstimates', { description: 'Accuracy is null in regression.' })
export class NewTaskEstimatesType {
  @estimate() accuracy!: EstimateType | null;
  @estimate() loss!: EstimateType | null;
}

const newTasks = (description: string) => Field(() => NewTaskEstimatesType, { description });

@ObjectType('NewTaskComparison', { description: 'New-task scores, or differences of them, by the round at which each run is judged.' })
export class NewTaskComparisonType {
  @newTasks('At the last round.') last!: NewTaskEstimatesType;
  @newTasks('At the best round by the score itself, chosen after the fact.') best!: NewTaskEstimatesType;
  @newTasks('At the first round at or under the target train loss: at equal training loss. Runs that never reached it are left out.')
  target!: NewTaskEstimatesType;
  @newTasks('At the first round of the lowest train loss, chosen without new tasks.') earlyStop!: NewTaskEstimatesType;
}

@ObjectType('TradeoffRow', { description: 'What one point cost and bought.' })
export class TradeoffRowType {
  @Field(() => ID) pointId!: string;
  @Field(() => Int) pointIndex!: number;
  @Field(() => PointRoleEnum) role!: keyof typeof PointRoleEnum;
  @Field(() => String) label!: string;
  @Field(() => [AxisType]) axes!: AxisType[];
  @Field(() => ID, { nullable: true, description: 'The point it is compared with; itself when its uplink is ideal.' })
  twinPointId!: string | null;
  @Field(() => TradeoffRunsType) runs!: TradeoffRunsType;
  @Field(() => RoundsToTargetType) roundsToTarget!: RoundsToTargetType;
  @Field(() => ExtraRoundsType) extraRounds!: ExtraRoundsType;
  @estimate('At the last round.') trainLoss!: EstimateType | null;
  @estimate('At the last round.') newAgentsLoss!: EstimateType | null;
  @estimate('At the last round.') newAgentsAccuracy!: EstimateType | null;
  @estimate('newTasksLoss - trainLoss at the last round.') gapLoss!: EstimateType | null;
  @estimate('trainAccuracy - newTasksAccuracy at the last round.') gapAccuracy!: EstimateType | null;
  @Field(() => NewTaskComparisonType, { description: 'The point’s own scores.' }) newTasks!: NewTaskComparisonType;
  @Field(() => NewTaskComparisonType, { description: 'Paired differences to the ideal twin of the same replicate, point - twin.' })
  gains!: NewTaskComparisonType;
}

@ObjectType('Tradeoff', { description: 'Convergence against generalization, point by point, aggregated over replicates in SQL.' })
export class TradeoffType {
  @Field(() => ID) experimentId!: string;
  @Field(() => String) name!: string;
  @Field(() => Float, { nullable: true, description: 'Absolute target; null: where the ideal twin has made 90 % of its own decrease.' })
  targetTrainLoss!: number | null;
  @Field(() => [TradeoffRowType]) rows!: TradeoffRowType[];
}

@ObjectType('Interval')
export class IntervalType {
  @Field(() => Float) low!: number;
  @Field(() => Float) high!: number;
}

@ObjectType('GainClaimRow', { description: 'One point against its ideal twin, over the replicates in which both completed.' })
export class GainClaimRowType {
  @Field(() => ID) pointId!: string;
  @Field(() => Int) pointIndex!: number;
  @Field(() => String) label!: string;
  @Field(() => NewTaskScoreEnum) score!: keyof typeof NewTaskScoreEnum;
  @estimate('The twin’s best score, at its round T*.') twinBest!: EstimateType | null;
  @estimate('The point’s best score up to round (1 + budget) T*.') best!: EstimateType | null;
  @estimate('best - twinBest, paired, with a 95 % interval of its own.') gain!: EstimateType | null;
  @Field(() => IntervalType, { nullable: true, description: 'Of the same gain; all points’ intervals hold at once with 95 %.' })
  simultaneous!: IntervalType | null;
  @estimate('gain / twinBest, pair by pair.') relativeGain!: EstimateType | null;
  @Field(() => ExtraRoundsType) extraRounds!: ExtraRoundsType;
  @estimate('The paired difference at equal training loss.') gainAtTarget!: EstimateType | null;
  @Field(() => Int, { description: 'Pairs whose run was shorter than (1 + budget) T*.' }) cut!: number;
}

@ObjectType('GainClaim', { description: 'Whether a point beats its ideal twin on new tasks within a budget of extra rounds.' })
export class GainClaimType {
  @Field(() => ID) experimentId!: string;
  @Field(() => String) name!: string;
  @Field(() => Float, { description: 'Extra rounds as a share of the twin’s round T* of best score.' }) budget!: number;
  @Field(() => Int, { description: 'Points compared.' }) compared!: number;
  @Field(() => Float, { description: 'Level of a simultaneous interval, 1 - 0.05 / compared.' }) simultaneousLevel!: number;
  @Field(() => ClaimVerdictEnum) verdict!: keyof typeof ClaimVerdictEnum;
  @Field(() => String) sentence!: string;
  @Field(() => [GainClaimRowType]) rows!: readonly GainClaimRowType[];
}

@ObjectType('LearningCurve', { description: 'A metric over evaluated rounds, averaged over the completed runs of a point.' })
export class LearningCurveType {
  @Field(() => LearningCurveMetricEnum) metric!: keyof typeof LearningCurveMetricEnum;
  @Field(() => [Int]) rounds!: readonly number[];
  @Field(() => [Float]) mean!: readonly number[];
  @Field(() => [Float], { nullable: 'items', description: '95 % Student-t interval; null where n < 2.' }) low!: readonly (number | null)[];
  @Field(() => [Float], { nullable: 'items' }) high!: readonly (number | null)[];
  @Field(() => [Int]) n!: readonly number[];
}

@ObjectType('PointCurves')
export class PointCurvesType {
  @Field(() => ID) pointId!: string;
  @Field(() => Int) pointIndex!: number;
  @Field(() => PointRoleEnum) role!: keyof typeof PointRoleEnum;
  @Field(() => String) label!: string;
  @Field(() => [LearningCurveType]) curves!: readonly LearningCurveType[];
}

@ObjectType('LearningCurves')
export class LearningCurvesType {
  @Field(() => ID) experimentId!: string;
  @Field(() => String) name!: string;
  @Field(() => [PointCurvesType]) points!: readonly PointCurvesType[];
  @Field(() => Int, { description: 'Points that were not asked for, or were too many.' }) omitted!: number;
}
