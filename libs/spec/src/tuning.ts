/** Choosing a value of an axis, such as the meta step, on replicates that judge nothing. */
import type { Tuning } from './experiment-spec.js';
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
