/** The share of runs that have not got there yet, against time. */
import { shareInterval } from './binomial.js';
import { requireTime, type EventTime } from './event-time.js';
import { requireLevel } from './interval.js';

export interface SurvivalStep {
  readonly time: number;
  /** Share of runs whose event comes after `time`; estimated where brackets reach over it. */
  readonly share: number;
  /** Exact interval at this time alone, not of the whole curve. */
  readonly low: number;
  readonly high: number;
}

/**
 * The survival curve S(t) = P(T > t) at every time at which a bracket begins or ends: the maximum likelihood estimate of interval-censored
 * times [turnbull1976], which is Kaplan and Meier's when all runs are looked at in the same rounds. The intervals are exact ones of a
 * share [clopper1934] and hold wherever the times are in their brackets.
 * @returns in the order of time; empty without times
 * @throws RangeError on a bad time or level
 */
export function survival(times: readonly EventTime[], level = 0.95): readonly SurvivalStep[] {
  requireLevel(level);
  times.forEach(requireTime);
  const n = times.length;
  const cells = innermost(times);
  const masses = massesOf(times, cells);
  const looks = [...new Set(times.flatMap(({ after, by }) => (by === null ? [after] : [after, by])))].sort((a, b) => a - b);
  return looks.map((time) => {
    const share = masses.reduce((sum, mass, cell) => sum + (cells[cell].from >= time ? mass : 0), 0);
    const surely = times.filter(({ after, by }) => by !== 0 && after >= time).length;
    const maybe = times.filter(({ by }) => by === null || by > time).length;
    return { time, share: Math.min(1, share), ...shareInterval(surely, maybe, n, level) };
  });
}

/** A stretch (from, to] that no bracket ends in: all that can be told apart. An event at 0 is in (-1, 0]. */
interface Cell {
  readonly from: number;
  readonly to: number;
}

function cellOf({ after, by }: EventTime): Cell {
  return by === 0 ? { from: -1, to: 0 } : { from: after, to: by ?? Infinity };
}

/** The stretches from a beginning to the next end, without another beginning in between: where the estimate has its mass. */
function innermost(times: readonly EventTime[]): readonly Cell[] {
  const brackets = times.map(cellOf);
  const [begins, ends] = [new Set(brackets.map(({ from }) => from)), new Set(brackets.map(({ to }) => to))];
  const marks = [...new Set([...begins, ...ends])].sort((a, b) => a - b);
  return marks.slice(1).flatMap((to, index) => {
    const from = marks[index];
    return begins.has(from) && ends.has(to) ? [{ from, to }] : [];
  });
}

const MOST_STEPS = 10_000;
const SMALL = 1e-10;

/** The share of each cell, by self-consistency: every time gives its weight to the cells of its bracket as they have mass already. */
function massesOf(times: readonly EventTime[], cells: readonly Cell[]): readonly number[] {
  const brackets = times.map(cellOf);
  let masses = cells.map(() => 1 / cells.length);
  for (let step = 0; step < MOST_STEPS; step++) {
    const next = cells.map(() => 0);
    for (const { from, to } of brackets) {
      const inside = cells.map((cell, index) => (cell.from >= from && cell.to <= to ? masses[index] : 0));
      const whole = inside.reduce((sum, mass) => sum + mass, 0);
      inside.forEach((mass, index) => (next[index] += mass / whole / times.length));
    }
    const change = Math.max(...next.map((mass, index) => Math.abs(mass - masses[index])));
    masses = next;
    if (change < SMALL) break;
  }
  return masses;
}
