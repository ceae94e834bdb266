/** The GraphQL types of what an experiment has shown: trade-off, claim, learning curves. */
import { Field, Float, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { ComparedExperiment } from '@airmeta/lab';
import {
  CAVEAT_KINDS,
  CLAIM_VERDICTS,
  COMPARED_WITH,
  LEARNING_CURVE_METRICS,
  MAX_CURVE_POINTS,
  NEW_TASK_SCORES,
  SHARE_OF,
  type JsonValue,
} from '@airmeta/spec';
import { GraphQLJSON } from 'graphql-scalars';
import { holds, MEASURED } from './query-limits.js';
import { AXES, AxisType, enumOf, PointRoleEnum } from './types.js';

/** Caveats of one comparison, as they mostly are: sentences. */
const CAVEATS = 10;

export const NewTaskScoreEnum = enumOf(NEW_TASK_SCORES);
export const ClaimVerdictEnum = enumOf(CLAIM_VERDICTS);
export const LearningCurveMetricEnum = enumOf(LEARNING_CURVE_METRICS);
export const ComparedWithEnum = enumOf(COMPARED_WITH);
export const CaveatKindEnum = enumOf(CAVEAT_KINDS);
export const ShareOfEnum = enumOf(SHARE_OF);
registerEnumType(NewTaskScoreEnum, { name: 'NewTaskScore', description: 'accuracy: more is better. loss: less is.' });
registerEnumType(ClaimVerdictEnum, {
  name: 'ClaimVerdict',
  description:
    'supported: some point’s simultaneous interval is on the better side of zero, divergence counted against it. worse: all are on the ' +
    'worse side. notShown: anything else.',
});
registerEnumType(LearningCurveMetricEnum, { name: 'LearningCurveMetric' });
registerEnumType(ComparedWithEnum, {
  name: 'ComparedWith',
  description:
    'ideal: each point with its ideal twin. matched: with its gain-matched twin, an ideal uplink that takes steps of the point’s size. ' +
    'tuned: points and ideal twins with their own best value of the axis that the specification tunes, chosen on the first replicates ' +
    'and judged on the others.',
});
registerEnumType(CaveatKindEnum, { name: 'CaveatKind', description: 'What differs between what is compared, or is missing from it.' });
registerEnumType(ShareOfEnum, {
  name: 'ShareOf',
  description:
    'median: of pairs, by order statistics. geometricMean: of ratios, for fewer pairs than order statistics need. none: the sample’s ' +
    'median without an interval.',
});

@ObjectType('RobustEstimate', { description: 'A location that a few strange values hardly move, with its 95 % interval.' })
export class RobustEstimateType {
  @Field(() => Float) value!: number;
  @Field(() => Float, { nullable: true }) low!: number | null;
  @Field(() => Float, { nullable: true }) high!: number | null;
}

@ObjectType('Estimate', {
  description:
    'Mean over replicates with a two-sided 95 % Student-t interval, cut where the quantity ends; no interval when n < 2. Where tails are ' +
    'heavy it covers less than 95 %: look at `robust`.',
})
export class EstimateType {
  @Field(() => Float) mean!: number;
  @Field(() => Float, { nullable: true }) low!: number | null;
  @Field(() => Float, { nullable: true }) high!: number | null;
  @Field(() => Int) n!: number;
  @Field(() => Int, { description: 'Values far from the others.' }) outliers!: number;
  @Field(() => Boolean) heavyTails!: boolean;
  @Field(() => RobustEstimateType, { nullable: true, description: 'Where tails are heavy.' }) robust!: RobustEstimateType | null;
}

@ObjectType('BracketedEstimate', {
  description:
    'A number that the data pin down to a bracket, from atLeast to atMost, because evaluations tell only between which two of them ' +
    'something happened; low to high is a 95 % interval that allows for that and for the choice of seeds. null: no bound.',
})
export class BracketedEstimateType {
  @Field(() => Float) atLeast!: number;
  @Field(() => Float, { nullable: true }) atMost!: number | null;
  @Field(() => Float, { nullable: true }) low!: number | null;
  @Field(() => Float, { nullable: true }) high!: number | null;
}

const estimate = (description?: string) => Field(() => EstimateType, { nullable: true, ...(description ? { description } : {}) });
const bracketed = (description: string) => Field(() => BracketedEstimateType, { nullable: true, description });

@ObjectType('RoundsToTarget', {
  description:
    'Rounds to the target train loss, of completed and diverged runs that have a target; n = reached + censored + diverged. What was not ' +
    'reached is no number of rounds, and none is made up.',
})
export class RoundsToTargetType {
  @Field(() => Int) n!: number;
  @Field(() => Int) reached!: number;
  @Field(() => Int, { description: 'Completed without reaching it.' }) censored!: number;
  @Field(() => Int, { description: 'Divergence never reaches the target.' }) diverged!: number;
  @Field(() => Int, { description: 'Ended, and the ideal twin of the replicate sets no target; not in n.' }) withoutTarget!: number;
  @Field(() => Int, { nullable: true, description: 'Planned last round; null when n = 0.' }) horizon!: number | null;
  @bracketed('Mean of the rounds that were spent by the horizon, E min(T, horizon): it has a value however many never arrive.')
  restrictedMean!: BracketedEstimateType | null;
  @bracketed('Rounds by which half of the runs have arrived; atMost is null when fewer have.') median!: BracketedEstimateType | null;
}

@ObjectType('ExtraRounds', {
  description:
    'Rounds to target beside the twin’s, over pairs in which both runs have a result and a target; pairs = reached + censored + diverged.',
})
export class ExtraRoundsType {
  @Field(() => Int) pairs!: number;
  @Field(() => Int, { description: 'Both arrived.' }) reached!: number;
  @Field(() => Int, { description: 'Neither diverged, and one of the two did not arrive by the horizon.' }) censored!: number;
  @Field(() => Int, { description: 'One of the two diverged.' }) diverged!: number;
  @Field(() => Int, { description: 'Both have ended, and one has no target; not in pairs.' }) withoutTarget!: number;
  @Field(() => Int, { description: 'Pairs whose twin was at the target at round 0: they have no ratio.' }) twinAtStart!: number;
  @bracketed('(Rounds of the run / rounds of its twin) - 1.') share!: BracketedEstimateType | null;
  @Field(() => ShareOfEnum, { nullable: true, description: 'What `share` is.' }) shareOf!: keyof typeof ShareOfEnum | null;
  @bracketed('Mean of rounds of the run - rounds of its twin, both up to the horizon.') difference!: BracketedEstimateType | null;
}

@ObjectType()
export class TradeoffRunsType {
  @Field(() => Int) total!: number;
  @Field(() => Int) completed!: number;
  @Field(() => Int) diverged!: number;
  @Field(() => Int, { description: 'Queued or running.' }) open!: number;
  @Field(() => Int, { description: 'Failed, cancelled or deleted.' }) missing!: number;
}

@ObjectType('PairCounts', { description: 'Replicates of a point beside those of its twin. Only completed pairs enter gains.' })
export class PairCountsType {
  @Field(() => Int, { description: 'Both completed.' }) completed!: number;
  @Field(() => Int, { description: 'Both have ended, and the point’s run diverged.' }) diverged!: number;
  @Field(() => Int, { description: 'Both have ended, and only the twin’s diverged.' }) twinDiverged!: number;
  @Field(() => Int, { description: 'One of the two has no result: not yet, or because it failed, was cancelled or deleted.' })
  unpaired!: number;
}

@ObjectType('Caveat', { description: 'What must be said together with a comparison.' })
export class CaveatType {
  @Field(() => CaveatKindEnum) kind!: keyof typeof CaveatKindEnum;
  @Field(() => String, { description: 'A sentence.' }) message!: string;
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
  @newTasks('At the best round by the score itself on one half of the new tasks, judged on the other half.') best!: NewTaskEstimatesType;
  @newTasks('At the first round at or under the target train loss: at equal training loss. Runs that never reached it are left out.')
  target!: NewTaskEstimatesType;
  @newTasks('At the first round of the lowest train loss, chosen without new tasks.') earlyStop!: NewTaskEstimatesType;
}

@ObjectType('PhysicalEstimates', { description: 'What a point spent and how its update arrived; null where the uplink has no such thing.' })
export class PhysicalEstimatesType {
  @estimate('c = <update, mean change> / ||mean change||^2 on average over rounds: by what the update was multiplied on its way.')
  updateGain!: EstimateType | null;
  @estimate('||update - c mean change||^2 / ||mean change||^2 on average over rounds.') misalignment!: EstimateType | null;
  @estimate('||update - mean change||^2 / ||mean change||^2 on average over rounds.') aggregationNmse!: EstimateType | null;
  @estimate('Share of active agents that kept silent.') silentAgents!: EstimateType | null;
  @estimate('Highest power of any agent in any round [W].') peakPowerWatt!: EstimateType | null;
  @estimate('Of all agents over the whole run [J].') energyJoule!: EstimateType | null;
  @estimate('Over the whole run.') channelUses!: EstimateType | null;
}

@ObjectType('TunedChoice', { description: 'The value that tuning chose, for the point and for its twin.' })
export class TunedChoiceType {
  @Field(() => GraphQLJSON, { nullable: true }) value!: JsonValue;
  @Field(() => GraphQLJSON, { nullable: true }) twinValue!: JsonValue;
  @Field({ description: 'The value is the least or the greatest that was tried: a better one may lie beyond.' }) atEnd!: boolean;
  @Field({ description: 'The same of the twin’s value.' }) twinAtEnd!: boolean;
}

@ObjectType('Tuning', { description: 'How values were chosen.' })
export class TuningType {
  @Field(() => String) axis!: string;
  @Field(() => Int, { description: 'The first this many replicates chose.' }) chosenOn!: number;
  @Field(() => Int, { description: 'Replicates that judge.' }) judgedOn!: number;
  @Field(() => String, { description: 'As in the specification: new-tasks or rounds-to-target.' }) by!: string;
}

@ObjectType('TradeoffRow', { description: 'What one point cost and bought.' })
export class TradeoffRowType {
  @Field(() => ID, { description: 'Against tuned, the point whose value was chosen.' }) pointId!: string;
  @Field(() => Int) pointIndex!: number;
  @Field(() => PointRoleEnum) role!: keyof typeof PointRoleEnum;
  @Field(() => String) label!: string;
  @Field(() => [AxisType], { complexity: holds(AXES) }) axes!: AxisType[];
  @Field(() => ID, { nullable: true, description: 'The point it is compared with; itself when it is its own twin, null without one.' })
  twinPointId!: string | null;
  @Field(() => Int, { nullable: true, description: 'Its index.' }) twinPointIndex!: number | null;
  @Field(() => TunedChoiceType, { nullable: true, description: 'Only against tuned.' }) tuned!: TunedChoiceType | null;
  @Field(() => TradeoffRunsType) runs!: TradeoffRunsType;
  @Field(() => PairCountsType, { nullable: true, description: 'null without a twin other than itself.' }) pairs!: PairCountsType | null;
  @Field(() => RoundsToTargetType) roundsToTarget!: RoundsToTargetType;
  @Field(() => ExtraRoundsType, { nullable: true, description: 'null without a twin other than itself.' })
  extraRounds!: ExtraRoundsType | null;
  @estimate('At the last round.') trainLoss!: EstimateType | null;
  @estimate('At the last round.') newAgentsLoss!: EstimateType | null;
  @estimate('At the last round.') newAgentsAccuracy!: EstimateType | null;
  @estimate('newTasksLoss - trainLoss at the last round.') gapLoss!: EstimateType | null;
  @estimate('trainAccuracy - newTasksAccuracy at the last round.') gapAccuracy!: EstimateType | null;
  @estimate('Area under the train loss over rounds.') trainLossArea!: EstimateType | null;
  @Field(() => NewTaskComparisonType, { description: 'The point’s own scores.' }) newTasks!: NewTaskComparisonType;
  @Field(() => NewTaskComparisonType, { description: 'Paired differences to the twin of the same replicate, point - twin.' })
  gains!: NewTaskComparisonType;
  @Field(() => PhysicalEstimatesType) physical!: PhysicalEstimatesType;
  @estimate('Mean update gain of the twin.') twinUpdateGain!: EstimateType | null;
  @Field(() => [CaveatType], {
    complexity: holds(CAVEATS),
    description: 'What must be said together with this row’s gains and extra rounds.',
  })
  caveats!: readonly CaveatType[];
}

@ObjectType('Tradeoff', { description: 'Convergence against generalization, point by point, from the figures of runs.' })
export class TradeoffType {
  @Field(() => ID) experimentId!: string;
  @Field(() => String) name!: string;
  @Field(() => ComparedWithEnum) against!: keyof typeof ComparedWithEnum;
  @Field(() => Float, { nullable: true, description: 'Absolute target; null: where the ideal twin has made 90 % of its own decrease.' })
  targetTrainLoss!: number | null;
  @Field(() => TuningType, { nullable: true, description: 'Only against tuned.' }) tuning!: TuningType | null;
  @Field(() => Int, { description: 'Rows that there are.' }) rowCount!: number;
  @Field(() => [CaveatType], {
    complexity: holds(CAVEATS),
    description: 'What must be said when rows are compared with each other.',
  })
  caveats!: readonly CaveatType[];
  /** What its rows are computed from, as they are asked for; no field. */
  compared!: ComparedExperiment;
}

@ObjectType('Interval')
export class IntervalType {
  @Field(() => Float) low!: number;
  @Field(() => Float) high!: number;
}

const interval = (description: string) => Field(() => IntervalType, { nullable: true, description });

@ObjectType('ClaimCounts', { description: 'How many replicates a row is of, and what became of the others.' })
export class ClaimCountsType {
  @Field(() => Int) planned!: number;
  @Field(() => Int, { description: 'Pairs that are judged; diverged runs of the point are among them.' }) pairs!: number;
  @Field(() => Int, { description: 'Pairs in which the point’s run diverged; they count with its score before learning.' })
  diverged!: number;
  @Field(() => Int, { description: 'Pairs in which the twin diverged too; they are among the diverged.' }) bothDiverged!: number;
  @Field(() => Int, { description: 'Pairs that are left out because only the twin diverged.' }) twinDiverged!: number;
  @Field(() => Int, { description: 'Replicates of which the run or its twin has no result.' }) missing!: number;
  @Field(() => Int, { description: 'Pairs that are left out because a score is not there, or nobody chose rounds for them.' })
  unscored!: number;
  @Field(() => Int, { description: 'Judged pairs whose run ended before (1 + budget) T*.' }) cut!: number;
}

@ObjectType('GainClaimRow', {
  description:
    'One point against its twin. Rounds are chosen on one half of the replicates and of the new tasks; all scores are of the other half of both.',
})
export class GainClaimRowType {
  @Field(() => ID) pointId!: string;
  @Field(() => Int) pointIndex!: number;
  @Field(() => String) label!: string;
  @Field(() => ID) twinPointId!: string;
  @Field(() => NewTaskScoreEnum) score!: keyof typeof NewTaskScoreEnum;
  @Field(() => ClaimVerdictEnum) verdict!: keyof typeof ClaimVerdictEnum;
  @Field(() => ClaimCountsType) counts!: ClaimCountsType;
  @interval('T*, the twin’s round, as chosen on the two halves of the replicates.') twinRounds!: IntervalType | null;
  @interval('The point’s own round, as chosen on the two halves of the replicates.') runRounds!: IntervalType | null;
  @estimate('The twin’s score at its round T*.') twinBest!: EstimateType | null;
  @estimate('The point’s score at its round, up to (1 + budget) T*.') best!: EstimateType | null;
  @estimate('best - twinBest, paired; its 95 % interval allows for the differences at either round too.') gain!: EstimateType | null;
  @interval('Of the same gain; all points’ intervals hold at once with 95 %.') simultaneous!: IntervalType | null;
  @estimate('Point - twin, both at the point’s round; a gain must show here too.') atRunRound!: EstimateType | null;
  @estimate('Point - twin, both at T*; a loss must show here too.') atTwinRound!: EstimateType | null;
  @estimate('Mean of gain / twinBest over pairs whose twinBest is positive; it has no interval.') relativeGain!: EstimateType | null;
  @Field(() => ExtraRoundsType, { nullable: true }) extraRounds!: ExtraRoundsType | null;
  @estimate('The paired difference at equal training loss.') gainAtTarget!: EstimateType | null;
  @estimate('Mean update gain of the point.') updateGain!: EstimateType | null;
  @estimate('Mean update gain of the twin.') twinUpdateGain!: EstimateType | null;
  @Field(() => [CaveatType], { complexity: holds(CAVEATS) }) caveats!: readonly CaveatType[];
}

@ObjectType('GainClaim', { description: 'Whether a point beats its twin on new tasks within a budget of extra rounds.' })
export class GainClaimType {
  @Field(() => ID) experimentId!: string;
  @Field(() => String) name!: string;
  @Field(() => ComparedWithEnum) against!: keyof typeof ComparedWithEnum;
  @Field(() => Float, { description: 'Extra rounds as a share of the twin’s round T*.' }) budget!: number;
  @Field(() => Int, { description: 'Points compared.' }) compared!: number;
  @Field(() => Float, { description: 'Level of a simultaneous interval, 1 - 0.05 / compared.' }) simultaneousLevel!: number;
  @Field(() => ClaimVerdictEnum) verdict!: keyof typeof ClaimVerdictEnum;
  @Field(() => String, { description: 'The verdict in words, with what diverged, what was not paired, and what else differs.' })
  sentence!: string;
  @Field(() => Int, { description: 'Rows that there are.' }) rowCount!: number;
  /** Of which pages are answered; no field. */
  claimed!: readonly GainClaimRowType[];
}

@ObjectType('LearningCurve', { description: 'A metric over evaluated rounds, averaged over the completed runs of a point.' })
export class LearningCurveType {
  @Field(() => LearningCurveMetricEnum) metric!: keyof typeof LearningCurveMetricEnum;
  @Field(() => [Int], { complexity: MEASURED }) rounds!: readonly number[];
  @Field(() => [Float], { complexity: MEASURED }) mean!: readonly number[];
  @Field(() => [Float], {
    complexity: MEASURED,
    nullable: 'items',
    description: '95 % Student-t interval, cut where the metric ends; null where n < 2.',
  })
  low!: readonly (number | null)[];
  @Field(() => [Float], { complexity: MEASURED, nullable: 'items' }) high!: readonly (number | null)[];
  @Field(() => [Int], { complexity: MEASURED }) n!: readonly number[];
}

@ObjectType('PointCurves')
export class PointCurvesType {
  @Field(() => ID) pointId!: string;
  @Field(() => Int) pointIndex!: number;
  @Field(() => PointRoleEnum) role!: keyof typeof PointRoleEnum;
  @Field(() => String) label!: string;
  @Field(() => [LearningCurveType], { complexity: holds(LEARNING_CURVE_METRICS.length) }) curves!: readonly LearningCurveType[];
}

@ObjectType('LearningCurves')
export class LearningCurvesType {
  @Field(() => ID) experimentId!: string;
  @Field(() => String) name!: string;
  @Field(() => [PointCurvesType], { complexity: holds(MAX_CURVE_POINTS) }) points!: readonly PointCurvesType[];
  @Field(() => Int, { description: 'Points that were not asked for, or were too many.' }) omitted!: number;
}
