/** The figures that a trade-off asks for, and where they are in a run's small row. */
import { COMPARISON_BASES, NEW_TASK_SCORES, PHYSICAL_FIGURES, type ComparisonBasis, type NewTaskScore } from '@airmeta/spec';
import type { EventTime, PossibleRange } from '@airmeta/numerics';
import { CHOICE_FIGURES, eventTime, figureNamed, figurePosition, scoreAt } from '../figures/index.js';
import type { TradeoffFigures } from './tradeoff-input.js';

const METRIC_OF: Readonly<Record<NewTaskScore, string>> = { accuracy: 'newTasksAccuracy', loss: 'newTasksLoss' };

/** Name of the figure of a new-task score on a basis. */
export function newTaskFigure(basis: ComparisonBasis, score: NewTaskScore): string {
  return scoreAt(METRIC_OF[score], basis);
}

/** Fields of a row that are estimates at the last round. */
export const LAST_ROUND = ['trainLoss', 'newAgentsLoss', 'newAgentsAccuracy', 'gapLoss', 'gapAccuracy'] as const;

const TIME = 'roundsToTarget';

const NAMES: readonly string[] = [
  ...new Set([
    ...LAST_ROUND.map((name) => scoreAt(name, 'last')),
    ...COMPARISON_BASES.flatMap((basis) => NEW_TASK_SCORES.map((score) => newTaskFigure(basis, score))),
    ...Object.values(CHOICE_FIGURES),
    'trainLossArea',
    'targetTrainLoss',
    'plannedRounds',
    ...PHYSICAL_FIGURES,
  ]),
];

/** Positions among a run's stored figures of what a small row has, in its order. */
export const TRADEOFF_FIGURES: readonly number[] = [
  ...NAMES.map(figurePosition),
  figurePosition(TIME), // after
  figurePosition(TIME) + 1, // by
];

const PLACES = new Map(NAMES.map((name, place) => [name, place]));

/** Where a figure is in a small row. @throws RangeError for one that a trade-off does not ask for */
export function placeOf(name: string): number {
  const place = PLACES.get(name);
  if (place === undefined) throw new RangeError(`a trade-off does not ask for the figure "${name}"; it asks for ${NAMES.join(', ')}`);
  return place;
}

/** The number at a place of a small row; null: the run has none. */
export function figureAt(figures: TradeoffFigures, place: number): number | null {
  const value = figures[place];
  return Number.isNaN(value) ? null : value;
}

/** When the run reached its target; null without a target. */
export function timeOf(figures: TradeoffFigures): EventTime | null {
  return eventTime(figureAt(figures, NAMES.length), figureAt(figures, NAMES.length + 1));
}

/** What a figure can be. */
export function rangeOf(name: string): PossibleRange {
  const [least, most] = figureNamed(name).range;
  return { least, most };
}

/** The small row among all stored figures. */
export function tradeoffFigures(stored: readonly (number | null)[]): TradeoffFigures {
  return Float64Array.from(TRADEOFF_FIGURES, (position) => stored[position] ?? NaN);
}
