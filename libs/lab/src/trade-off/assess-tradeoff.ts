/** From small rows of figures to what every point cost and bought. */
import {
  COMPARISON_BASES,
  NEW_TASK_SCORES,
  PHYSICAL_FIGURES,
  type ComparedWith,
  type ComparisonBasis,
  type Estimate,
  type NewTaskScore,
  type PairCounts,
  type Tradeoff,
  type TradeoffRow,
} from '@airmeta/spec';
import { estimateOf, LEVEL } from '../estimate.js';
import { scoreAt } from '../figures/index.js';
import { rowCaveats, tradeoffCaveats } from './caveats.js';
import { comparisonsOf } from './comparisons.js';
import { runsByPoint, type Comparison, type RunsByPoint } from './point-runs.js';
import { extraRounds, roundsToTarget, type RunPair } from './time-estimates.js';
import { LAST_ROUND, newTaskFigure, placeOf, rangeOf } from './tradeoff-figures.js';
import type { TradeoffInput, TradeoffRun } from './tradeoff-input.js';

interface Place {
  readonly place: number;
  readonly range: ReturnType<typeof rangeOf>;
}

const placed = (name: string): Place => ({ place: placeOf(name), range: rangeOf(name) });
const recordOf = <Name extends string, Value>(names: readonly Name[], of: (name: Name) => Value) =>
  Object.fromEntries(names.map((name) => [name, of(name)])) as Record<Name, Value>;

const LAST = recordOf(LAST_ROUND, (name) => placed(scoreAt(name, 'last')));
const NEW_TASKS = recordOf(COMPARISON_BASES, (basis) => recordOf(NEW_TASK_SCORES, (score) => placed(newTaskFigure(basis, score))));
const PHYSICAL = recordOf(PHYSICAL_FIGURES, placed);
const AREA = placed('trainLossArea');
const PLANNED = placed('plannedRounds');

/** The runs that are judged, and what is known of their pairs. */
interface Evidence {
  readonly runs: readonly TradeoffRun[];
  readonly completed: readonly TradeoffRun[];
  readonly pairs: readonly RunPair[];
  readonly twins: readonly TradeoffRun[];
  readonly counts: PairCounts | null;
}

function evidenceOf({ point, twin, from }: Comparison, byPoint: RunsByPoint, replicates: number): Evidence {
  const own = byPoint.get(point.pointId);
  const others = twin === null ? undefined : byPoint.get(twin.pointId);
  const runs: TradeoffRun[] = [];
  const twins: TradeoffRun[] = [];
  const pairs: RunPair[] = [];
  let unpaired = 0;
  for (let replicate = from; replicate < replicates; replicate++) {
    const run = own?.get(replicate);
    const other = others?.get(replicate);
    if (run) runs.push(run);
    if (other) twins.push(other);
    if (run && other) pairs.push({ run, twin: other });
    else unpaired++;
  }
  const diverged = pairs.filter(({ run }) => run.diverged).length;
  const twinDiverged = pairs.filter((pair) => !pair.run.diverged && pair.twin.diverged).length;
  const counts = twin === null ? null : { completed: pairs.length - diverged - twinDiverged, diverged, twinDiverged, unpaired };
  return { runs, completed: runs.filter((run) => !run.diverged), pairs, twins, counts };
}

function estimated(runs: readonly TradeoffRun[], { place, range }: Place): Estimate | null {
  const values: number[] = [];
  for (const { figures } of runs) {
    const value = figures[place];
    if (value !== null) values.push(value);
  }
  return estimateOf(values, LEVEL, range);
}

/** The last round that any of the runs was planned to have; 0 without runs. */
function horizonOf(runs: readonly TradeoffRun[]): number {
  return runs.reduce((most, { figures }) => Math.max(most, figures[PLANNED.place] ?? 0), 0);
}

/** run - twin over pairs in which both have the figure. */
function gained(pairs: readonly RunPair[], { place, range: { least, most } }: Place): Estimate | null {
  const differences: number[] = [];
  for (const { run, twin } of pairs) {
    const [value, other] = [run.figures[place], twin.figures[place]];
    if (value !== null && other !== null) differences.push(value - other);
  }
  return estimateOf(differences, LEVEL, { least: least - most, most: most - least });
}

function onEveryBasis(of: (place: Place) => Estimate | null): Record<ComparisonBasis, Record<NewTaskScore, Estimate | null>> {
  const both = ({ accuracy, loss }: Readonly<Record<NewTaskScore, Place>>) => ({ accuracy: of(accuracy), loss: of(loss) });
  const { last, best, target, earlyStop } = NEW_TASKS;
  return { last: both(last), best: both(best), target: both(target), earlyStop: both(earlyStop) };
}

function physicalOf(runs: readonly TradeoffRun[]): TradeoffRow['physical'] {
  return recordOf(PHYSICAL_FIGURES, (name) => estimated(runs, PHYSICAL[name]));
}

/** A twin serves many points: its own figures are estimated once. */
type PhysicalOf = (comparison: Comparison, twins: readonly TradeoffRun[]) => TradeoffRow['physical'] | null;

function rowOf(
  comparison: Comparison,
  byPoint: RunsByPoint,
  replicates: number,
  { against, tunedAxis }: { readonly against: ComparedWith; readonly tunedAxis: string | null },
  twinPhysicalOf: PhysicalOf,
): TradeoffRow {
  const { point, twin, twinPointId, tuned, undecided, from } = comparison;
  const { pointId, pointIndex, role, label, axes } = point;
  const { runs, completed, pairs, twins, counts } = evidenceOf(comparison, byPoint, replicates);
  const silent = completed.flatMap(({ figures }) => figures[PHYSICAL.silentAgents.place] ?? []);
  const facts = {
    pairs: counts,
    roundsToTarget: roundsToTarget(runs, horizonOf(runs)),
    extraRounds: twin === null ? null : extraRounds(pairs, horizonOf([...runs, ...twins])),
    physical: physicalOf(completed),
    newTasks: onEveryBasis((place) => estimated(completed, place)),
    gains: onEveryBasis((place) => gained(pairs, place)),
  };
  const twinPhysical = twinPhysicalOf(comparison, twins);
  const total = Math.max(0, replicates - from);
  const open = point.open.filter((replicate) => replicate >= from).length;
  const counted = {
    total,
    completed: completed.length,
    diverged: runs.length - completed.length,
    open,
    missing: total - runs.length - open,
  };
  const about = {
    ...facts,
    runs: counted,
    against,
    tunedAxis,
    twinPhysical,
    undecided,
    tuned,
    neverSent: silent.filter((share) => share === 1).length,
  };
  return {
    ...{ pointId, pointIndex, role, label, axes, twinPointId, tuned },
    runs: counted,
    ...facts,
    ...recordOf(LAST_ROUND, (name) => estimated(completed, LAST[name])),
    trainLossArea: estimated(completed, AREA),
    twinUpdateGain: twinPhysical?.updateGain ?? null,
    caveats: rowCaveats({ ...about, runsWithUplink: silent.length }),
  };
}

/**
 * Every row of a trade-off, or those of some points.
 * @throws NotComparableError when the experiment has not run what it is to be compared with
 */
export function assessTradeoff(input: TradeoffInput, against: ComparedWith): Tradeoff {
  const { experimentId, name, targetTrainLoss, replicates, tuning } = input;
  const byPoint = runsByPoint(input.runs);
  const comparisons = comparisonsOf(input, against, byPoint);
  const physical = new Map<string, TradeoffRow['physical']>();
  const twinPhysicalOf: PhysicalOf = ({ twin }, twins) => {
    if (twin === null) return null;
    const known = physical.get(twin.pointId) ?? physicalOf(twins.filter((run) => !run.diverged));
    physical.set(twin.pointId, known);
    return known;
  };
  const tunedAxis = against === 'tuned' && tuning ? tuning.axis : null;
  const rows = comparisons.map((comparison) => rowOf(comparison, byPoint, replicates, { against, tunedAxis }, twinPhysicalOf));
  const horizons = rows.flatMap(({ roundsToTarget: { horizon } }) => horizon ?? []);
  return {
    ...{ experimentId, name, against, targetTrainLoss, rows },
    tuning:
      against === 'tuned' && tuning
        ? { axis: tuning.axis, chosenOn: tuning.replicates, judgedOn: Math.max(0, replicates - tuning.replicates), by: tuning.by }
        : null,
    caveats: tradeoffCaveats(rows, horizons, against, tunedAxis),
  };
}
