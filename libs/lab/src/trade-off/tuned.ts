/**
 * Points and ideal twins at their own best value of an axis. The first replicates choose the value, by a figure that no judged number is part
 * of; the others judge.
 */
import type { JsonValue, NewTaskScore } from '@airmeta/spec';
import { CHOICE_FIGURES } from '../figures/index.js';
import { NotComparableError, runsByPoint, type Comparison, type RunsByPoint } from './point-runs.js';
import { figureAt, placeOf, timeOf } from './tradeoff-figures.js';
import { TUNED_BY, type TradeoffInput, type TradeoffPoint, type TradeoffRun, type TuningRule } from './tradeoff-input.js';

/** What two points share that differ in the value of the axis only. */
function groupOf({ role, axes }: TradeoffPoint, axis: string): string {
  return JSON.stringify([role, Object.entries(axes).filter(([path]) => path !== axis)]);
}

interface Candidate {
  readonly point: TradeoffPoint;
  /** Whether every replicate that chooses has a result. */
  readonly isComplete: boolean;
  /** Runs that diverged among them: a value that diverges is worse than one that does not. */
  readonly diverged: number;
  /** Means over the others, of which more is better; null without any. */
  readonly accuracy: number | null;
  readonly negativeLoss: number | null;
  readonly negativeRounds: number | null;
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function candidateOf(point: TradeoffPoint, { replicates }: TuningRule, runs: RunsByPoint): Candidate {
  const own = runs.get(point.pointId);
  const choosing = Array.from({ length: replicates }, (_, replicate) => own?.[replicate]).filter((run) => run !== undefined);
  const scores = (score: NewTaskScore) =>
    choosing.flatMap(({ figures }: TradeoffRun) => figureAt(figures, placeOf(CHOICE_FIGURES[score])) ?? []);
  const times = choosing.flatMap(({ figures }) => timeOf(figures) ?? []);
  return {
    point,
    isComplete: choosing.length === replicates,
    diverged: choosing.filter((run) => run.diverged).length,
    accuracy: meanOf(scores('accuracy')),
    negativeLoss: meanOf(scores('loss').map((loss) => -loss)),
    // What was not reached counts with the horizon: it chooses, and is told to nobody.
    negativeRounds: meanOf(times.map(({ after, by }) => -(by === null ? after : (after + by) / 2))),
  };
}

/** By what candidates are compared: of new tasks, accuracy where all have it. */
const MERITS: Readonly<Record<TuningRule['by'], (candidates: readonly Candidate[]) => (candidate: Candidate) => number | null>> = {
  'new-tasks': (candidates) =>
    candidates.every(({ accuracy, diverged, negativeLoss }) => accuracy !== null || (diverged > 0 && negativeLoss === null))
      ? ({ accuracy }) => accuracy
      : ({ negativeLoss }) => negativeLoss,
  'rounds-to-target':
    () =>
    ({ negativeRounds }) =>
      negativeRounds,
};

/**
 * The best candidate, of equals the first. Undefined when there are none, or when one of them lacks what it is chosen by, whether its run is
 * still open or has failed: that one could be the best.
 */
function chosenOf(candidates: readonly Candidate[], by: TuningRule['by']): TradeoffPoint | undefined {
  const meritOf = MERITS[by](candidates);
  const decided = candidates.flatMap((candidate) => {
    const merit = meritOf(candidate) ?? (candidate.diverged > 0 ? -Infinity : null);
    return merit === null || !candidate.isComplete ? [] : [{ ...candidate, merit }];
  });
  if (decided.length < candidates.length) return undefined;
  const [best] = decided.toSorted((a, b) => a.diverged - b.diverged || (a.merit === b.merit ? 0 : b.merit - a.merit));
  return best?.point;
}

const valueOn = ({ axes }: TradeoffPoint, axis: string): JsonValue => axes[axis] ?? null;

/** Whether the value of a point is the least or the greatest of numbers that were tried; other values have no order, and so no end. */
function isAtEnd(point: TradeoffPoint, tried: readonly TradeoffPoint[], axis: string): boolean {
  const value = valueOn(point, axis);
  const values = tried.flatMap((each) => {
    const other = valueOn(each, axis);
    return typeof other === 'number' ? [other] : [];
  });
  return typeof value === 'number' && (value <= Math.min(...values) || value >= Math.max(...values));
}

/** @throws NotComparableError when the specification tunes nothing */
export function tunedComparisons({ points, tuning, targetTrainLoss }: TradeoffInput, runs: RunsByPoint): Comparison[] {
  if (tuning === null) throw new NotComparableError('the experiment tunes no axis: its specification has no "tune"');
  const { axis, by } = tuning;
  if (by === 'rounds-to-target' && targetTrainLoss === null) {
    throw new NotComparableError(
      'the experiment tunes by rounds to the target, and has a target of its own for every value: it takes a targetTrainLoss in its specification',
    );
  }
  const candidates = new Map(points.map((point) => [point.pointId, candidateOf(point, tuning, runs)]));
  const choose = (among: readonly TradeoffPoint[]) =>
    chosenOf(
      among.flatMap(({ pointId }) => candidates.get(pointId) ?? []),
      by,
    );

  const groups = new Map<string, TradeoffPoint[]>();
  for (const point of points) {
    const key = groupOf(point, axis);
    groups.set(key, [...(groups.get(key) ?? []), point]);
  }
  const byId = new Map(points.map((point) => [point.pointId, point]));
  return [...groups.values()].map((group): Comparison => {
    const twins = [...new Set(group.flatMap(({ twinPointId }) => twinPointId ?? []))].flatMap((id) => byId.get(id) ?? []);
    const [chosen, twin] = [choose(group), choose(twins)];
    const point = chosen ?? group[0];
    const common = { point, from: tuning.replicates };
    if (chosen === undefined || (twins.length > 0 && twin === undefined))
      return { ...common, twin: null, twinPointId: null, twinPointIndex: null, tuned: null, undecided: true };
    const other = twin === undefined || twin.pointId === point.pointId ? null : twin;
    const tuned = {
      ...{ value: valueOn(point, axis), twinValue: valueOn(twin ?? point, axis) },
      atEnd: isAtEnd(point, group, axis),
      twinAtEnd: twin !== undefined && isAtEnd(twin, twins, axis),
    };
    return {
      ...common,
      twin: other,
      twinPointId: twin?.pointId ?? null,
      twinPointIndex: twin?.pointIndex ?? null,
      tuned,
      undecided: false,
    };
  });
}

/** The rule in a stored specification's `tune`; null without one. @throws RangeError for one that this program does not know */
export function tuningRuleOf(tune: JsonValue): TuningRule | null {
  if (tune === null) return null;
  const rule = (typeof tune === 'object' && !Array.isArray(tune) ? tune : {}) as Readonly<Record<string, unknown>>;
  const { axis, replicates } = rule;
  const by = TUNED_BY.find((known) => known === rule['by']);
  if (typeof axis !== 'string' || typeof replicates !== 'number' || by === undefined)
    throw new RangeError(`the specification's tuning ${JSON.stringify(tune)} is of another version of the program`);
  return { axis, replicates, by };
}

/** A run that is to reach another target than that of its own twin. */
export interface Retargeted {
  readonly pointId: string;
  readonly replicate: number;
  readonly target: number | null;
}

/**
 * The runs that are judged and have other targets than what they are compared with: a point at its tuned value and its twin at another have
 * ideal twins of their own, and so targets of their own, but are to reach the same one, that of the tuned twin. Empty when the specification
 * gives the target.
 */
export function retargeted(input: TradeoffInput): Retargeted[] {
  const targets: Retargeted[] = [];
  if (input.targetTrainLoss !== null) return targets;
  const runs = runsByPoint(input.runs);
  const place = placeOf('targetTrainLoss');
  for (const { point, twin, from } of tunedComparisons(input, runs)) {
    if (twin === null) continue;
    for (const run of runs.get(point.pointId) ?? []) {
      if (run === undefined || run.replicate < from) continue;
      const other = runs.get(twin.pointId)?.[run.replicate];
      const target = other === undefined ? null : figureAt(other.figures, place);
      if (figureAt(run.figures, place) !== target) targets.push({ pointId: point.pointId, replicate: run.replicate, target });
    }
  }
  return targets;
}
