/** What one point cost and bought, computed as it is asked for: a page of rows of which few estimates are read is cheap. */
import {
  COMPARISON_BASES,
  NEW_TASK_SCORES,
  PHYSICAL_FIGURES,
  type ComparedWith,
  type ComparisonBasis,
  type Estimate,
  type NewTaskScore,
  type TradeoffRow,
} from '@airmeta/spec';
import { scoreAt } from '../figures/index.js';
import { rowCaveats } from './caveats.js';
import type { Comparison, RunsByPoint } from './point-runs.js';
import { estimated, evidenceOf, gained, horizonOf, placed, valuesOf, type Place } from './row-evidence.js';
import { extraRounds, roundsToTarget } from './time-estimates.js';
import { LAST_ROUND, newTaskFigure } from './tradeoff-figures.js';
import type { TradeoffRun } from './tradeoff-input.js';

const recordOf = <Name extends string, Value>(names: readonly Name[], of: (name: Name) => Value) =>
  Object.fromEntries(names.map((name) => [name, of(name)])) as Record<Name, Value>;

const LAST = recordOf(LAST_ROUND, (name) => placed(scoreAt(name, 'last')));
const NEW_TASKS = recordOf(COMPARISON_BASES, (basis) => recordOf(NEW_TASK_SCORES, (score) => placed(newTaskFigure(basis, score))));
const PHYSICAL = recordOf(PHYSICAL_FIGURES, placed);
const AREA = placed('trainLossArea');

function onEveryBasis(of: (place: Place) => Estimate | null): Record<ComparisonBasis, Record<NewTaskScore, Estimate | null>> {
  const both = ({ accuracy, loss }: Readonly<Record<NewTaskScore, Place>>) => ({ accuracy: of(accuracy), loss: of(loss) });
  const { last, best, target, earlyStop } = NEW_TASKS;
  return { last: both(last), best: both(best), target: both(target), earlyStop: both(earlyStop) };
}

function physicalOf(runs: readonly TradeoffRun[]): TradeoffRow['physical'] {
  return recordOf(PHYSICAL_FIGURES, (name) => estimated(runs, PHYSICAL[name]));
}

function once<T>(compute: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => (known ??= { value: compute() }).value;
}

/** What rows of one trade-off are made from. */
export interface RowSource {
  readonly byPoint: RunsByPoint;
  readonly replicates: number;
  readonly against: ComparedWith;
  /** The axis of which point and twin have their own best value; null where nothing is tuned. */
  readonly tunedAxis: string | null;
}

/** Makes rows; a twin serves many of them, and its own figures are estimated once. */
export function tradeoffRows({ byPoint, replicates, against, tunedAxis }: RowSource): (comparison: Comparison) => TradeoffRow {
  const physicalOfTwins = new Map<string, TradeoffRow['physical']>();
  const twinPhysicalOf = (pointId: string, twins: readonly TradeoffRun[]) => {
    const known = physicalOfTwins.get(pointId) ?? physicalOf(twins.filter((run) => !run.diverged));
    physicalOfTwins.set(pointId, known);
    return known;
  };

  return (comparison) => {
    const { point, twin, twinPointId, twinPointIndex, tuned, undecided } = comparison;
    const { pointId, pointIndex, role, label, axes } = point;
    const evidence = once(() => evidenceOf(comparison, byPoint, replicates));
    const times = once(() => roundsToTarget(evidence().runs, horizonOf(evidence().runs)));
    const extra = once(() => {
      const { pairs, runs, twins } = evidence();
      return twin === null ? null : extraRounds(pairs, horizonOf([...runs, ...twins]));
    });
    const physical = once(() => physicalOf(evidence().completed));
    const twinPhysical = once(() => (twin === null ? null : twinPhysicalOf(twin.pointId, evidence().twins)));
    const newTasks = once(() => onEveryBasis((place) => estimated(evidence().completed, place)));
    const gains = once(() => onEveryBasis((place) => gained(evidence().pairs, place)));
    const last = (place: Place) => estimated(evidence().completed, place);
    const caveats = once(() => {
      const silent = valuesOf(evidence().completed, PHYSICAL.silentAgents);
      return rowCaveats({
        ...{ against, tunedAxis, undecided, tuned, runs: evidence().counted, pairs: evidence().counts },
        ...{ roundsToTarget: times(), extraRounds: extra(), physical: physical(), twinPhysical: twinPhysical() },
        ...{ newTasks: newTasks(), gains: gains() },
        neverSent: silent.filter((share) => share === 1).length,
        runsWithUplink: silent.length,
      });
    });
    return {
      ...{ pointId, pointIndex, role, label, axes, twinPointId, twinPointIndex, tuned },
      get runs() {
        return evidence().counted;
      },
      get pairs() {
        return evidence().counts;
      },
      get roundsToTarget() {
        return times();
      },
      get extraRounds() {
        return extra();
      },
      get trainLoss() {
        return last(LAST.trainLoss);
      },
      get newAgentsLoss() {
        return last(LAST.newAgentsLoss);
      },
      get newAgentsAccuracy() {
        return last(LAST.newAgentsAccuracy);
      },
      get gapLoss() {
        return last(LAST.gapLoss);
      },
      get gapAccuracy() {
        return last(LAST.gapAccuracy);
      },
      get trainLossArea() {
        return last(AREA);
      },
      get newTasks() {
        return newTasks();
      },
      get gains() {
        return gains();
      },
      get physical() {
        return physical();
      },
      get twinUpdateGain() {
        return twinPhysical()?.updateGain ?? null;
      },
      get caveats() {
        return caveats();
      },
    };
  };
}
