/**
 * Points and ideal twins at their own best value of an axis. The first replicates choose the value, by a figure that no judged number is part
 * of; the others judge.
 */
import type { JsonValue } from '@airmeta/spec';
import { figureNamed } from '../figures/index.js';
import { NotComparableError, runsByPoint, type Comparison, type RunsByPoint } from './point-runs.js';
import { placeOf } from './tradeoff-figures.js';
import type { TradeoffInput, TradeoffPoint, TradeoffRun, TuningRule } from './tradeoff-input.js';

/** What two points share that differ in the value of the axis only. */
function groupOf({ role, axes }: TradeoffPoint, axis: string): string {
  return JSON.stringify([role, Object.entries(axes).filter(([path]) => path !== axis)]);
}

interface Candidate {
  readonly point: TradeoffPoint;
  /** Mean of the figure over the replicates that choose; null before all of them have a result. */
  readonly figure: number | null;
  /** Runs that diverged among them: a value that diverges is worse than one that does not. */
  readonly diverged: number;
}

function candidateOf(point: TradeoffPoint, rule: TuningRule, runs: RunsByPoint): Candidate {
  const place = placeOf(rule.by);
  const own = runs.get(point.pointId);
  const choosing = Array.from({ length: rule.replicates }, (_, replicate) => own?.get(replicate)).filter((run) => run !== undefined);
  const values = choosing.flatMap(({ figures }: TradeoffRun) => figures[place] ?? []);
  const diverged = choosing.filter((run) => run.diverged).length;
  const complete = choosing.length === rule.replicates && values.length + diverged === choosing.length;
  const figure = values.length === 0 ? Infinity : values.reduce((sum, value) => sum + value, 0) / values.length;
  return { point, figure: complete ? figure : null, diverged };
}

/** The best of those that have all they are chosen by, of equals the first; undefined when there are none. */
function chosenOf(candidates: readonly Candidate[], sign: 1 | -1): TradeoffPoint | undefined {
  const decided = candidates.filter((candidate) => candidate.figure !== null);
  const [best] = decided.toSorted((a, b) => a.diverged - b.diverged || sign * ((b.figure ?? 0) - (a.figure ?? 0)));
  return best?.point;
}

const valueOn = ({ axes }: TradeoffPoint, axis: string): JsonValue => axes[axis] ?? null;

/** @throws NotComparableError when the specification tunes nothing */
export function tunedComparisons({ points, tuning }: TradeoffInput, runs: RunsByPoint): Comparison[] {
  if (tuning === null) throw new NotComparableError('the experiment tunes no axis: its specification has no "tune"');
  const { axis } = tuning;
  const sign = figureNamed(tuning.by).direction === 'more' ? 1 : -1;
  const candidates = new Map(points.map((point) => [point.pointId, candidateOf(point, tuning, runs)]));
  const choose = (among: readonly TradeoffPoint[]) =>
    chosenOf(
      among.flatMap(({ pointId }) => candidates.get(pointId) ?? []),
      sign,
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
      return { ...common, twin: null, twinPointId: null, tuned: null, undecided: true };
    const other = twin === undefined || twin.pointId === point.pointId ? null : twin;
    const tuned = { value: valueOn(point, axis), twinValue: valueOn(twin ?? point, axis) };
    return { ...common, twin: other, twinPointId: twin?.pointId ?? null, tuned, undecided: false };
  });
}

/** Figures that may choose, by what the specification calls them: scores of the half of the new tasks that judges nothing. */
const CHOSEN_BY: ReadonlyMap<unknown, string> = new Map([
  ['newTasksLoss', 'newTasksChoiceLossAtLast'],
  ['newTasksAccuracy', 'newTasksChoiceAccuracyAtLast'],
  ['trainLoss', 'trainLossAtLast'],
]);

/** The rule in a stored specification's \`tune\`; null without one. @throws RangeError for one that this program does not know */
export function tuningRuleOf(tune: JsonValue): TuningRule | null {
  if (tune === null) return null;
  const { axis, replicates, by } = (typeof tune === 'object' && !Array.isArray(tune) ? tune : {}) as Readonly<Record<string, unknown>>;
  const figure = CHOSEN_BY.get(by);
  if (typeof axis !== 'string' || typeof replicates !== 'number' || figure === undefined)
    throw new RangeError(`the specification's tuning ${JSON.stringify(tune)} is of another version of the program`);
  return { axis, replicates, by: figure };
}

/**
 * New targets of the runs that are judged, by their ids: a point at its tuned value and its twin at another have ideal twins of their own, and
 * so targets of their own, but are to reach the same one, that of the tuned twin. Empty when the specification gives the target.
 */
export function retargeted(input: TradeoffInput): Map<string, number | null> {
  const targets = new Map<string, number | null>();
  if (input.targetTrainLoss !== null) return targets;
  const runs = runsByPoint(input.runs);
  const place = placeOf('targetTrainLoss');
  for (const { point, twin, from } of tunedComparisons(input, runs)) {
    if (twin === null) continue;
    for (const [replicate, run] of runs.get(point.pointId) ?? []) {
      const target = runs.get(twin.pointId)?.get(replicate)?.figures[place] ?? null;
      if (replicate >= from && run.figures[place] !== target) targets.set(run.runId, target);
    }
  }
  return targets;
}
