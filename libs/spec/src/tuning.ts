/** Choosing a value of an axis, such as the meta step, on replicates that judge nothing. */
import type { ExpandedExperiment, ExpandedPoint } from './expand-sweep.js';
import type { ExperimentEnvelope, Tuning } from './experiment-spec.js';
import { jsonPointer, type Fault } from './fault.js';
import { segmentsOf, type Grid } from './sweep-grid.js';

/** Sections that say what is learnt and how it is scored: points that differ in them cannot be held against one another. */
const NOT_COMPARABLE: ReadonlySet<string> = new Set(['task', 'evaluate', 'rounds']);

/** What is wrong with a tuning of an experiment with this grid and so many replicates. */
export function faultsOfTuning({ axis, replicates }: Tuning, grid: Grid, replicatesInAll: number): Fault[] {
  const faults: Fault[] = [];
  const at = (key: keyof Tuning, message: string) => faults.push({ pointer: jsonPointer(['tune', key]), message });
  const axes = Object.keys(grid);
  const [section] = segmentsOf(axis);
  if (!Object.hasOwn(grid, axis)) {
    at('axis', `this is no axis of the sweep: ${axes.length > 0 ? `its axes are ${axes.join(', ')}` : 'it has none'}`);
  } else if (NOT_COMPARABLE.has(section)) {
    at(
      'axis',
      `points that differ in ${section} are not scored alike, so none of them can be chosen; allowed is an axis outside of ${[...NOT_COMPARABLE].join(', ')}`,
    );
  } else if (grid[axis].length < 2) {
    at('axis', 'this axis has one value, so there is nothing to choose; allowed is an axis with two at least');
  }
  if (replicates >= replicatesInAll) {
    const allowed = replicatesInAll > 1 ? `allowed are at most ${replicatesInAll - 1}` : 'ask for two replicates at least';
    at('replicates', `${replicates} of ${replicatesInAll} replicates choose and none is left to judge; ${allowed}`);
  }
  return faults;
}

/** Points that differ in the tuned axis alone, and of which one is chosen. */
export interface TuningGroup {
  readonly role: ExpandedPoint['role'];
  /** Their axes but for the tuned one. */
  readonly axes: ExpandedPoint['axes'];
  /** Their indices, in the order of the axis' values. */
  readonly points: readonly number[];
}

/**
 * The choices of a tuned experiment, in the order of their first points: swept points with the same values of all other axes, and ideal and
 * gain-matched twins likewise, each role by itself. A twin without the axis (an ideal one when the uplink is tuned) is a group of its own.
 * Empty without tuning.
 */
export function tuningGroups({ envelope: { tune, sweep }, points }: Pick<ExpandedExperiment, 'envelope' | 'points'>): TuningGroup[] {
  if (!tune) return [];
  const axes = Object.keys(sweep.grid);
  const groups = new Map<string, { role: ExpandedPoint['role']; axes: ExpandedPoint['axes']; points: number[] }>();
  for (const { index, role, axes: own } of points) {
    const others = Object.fromEntries(
      axes.filter((axis) => axis !== tune.axis && Object.hasOwn(own, axis)).map((axis) => [axis, own[axis]]),
    );
    const key = JSON.stringify([role, others]);
    const group = groups.get(key) ?? { role, axes: others, points: [] };
    group.points.push(index);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** Which replicates choose and which judge; all judge without tuning. */
export function replicatesThat({ tune, replicates }: Pick<ExperimentEnvelope, 'tune' | 'replicates'>): {
  readonly choose: readonly number[];
  readonly judge: readonly number[];
} {
  const all = Array.from({ length: replicates }, (_, replicate) => replicate);
  const choosing = tune?.replicates ?? 0;
  return { choose: all.slice(0, choosing), judge: all.slice(choosing) };
}
