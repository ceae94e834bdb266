/** The evaluated rounds at which a run is judged, as positions in its series. */
import type { ComparisonBasis, NewTaskScore } from '@airmeta/spec';
import type { FinishedRun, SeriesName } from './finished-run.js';

/** Position of the first best finite value; -1 when there is none. @param sign 1: more is better, -1: less is */
function firstBest(values: readonly number[], sign: 1 | -1): number {
  let best = -1;
  values.forEach((value, position) => {
    if (Number.isFinite(value) && (best < 0 || sign * value > sign * values[best])) best = position;
  });
  return best;
}

/** The first evaluated round whose train loss is at or under the target; -1 when there is none, or no target. */
export function hitOf({ values, target }: FinishedRun): number {
  return target === null ? -1 : values('trainLoss').findIndex((loss) => loss <= target);
}

/** What new tasks are judged by: accuracy where there is one, else loss. */
export function mainScoreOf({ values }: FinishedRun): NewTaskScore {
  return values('newTasksAccuracy').some(Number.isFinite) ? 'accuracy' : 'loss';
}

const CHOICE: Readonly<Record<NewTaskScore, { readonly metric: SeriesName; readonly sign: 1 | -1 }>> = {
  accuracy: { metric: 'newTasksChoiceAccuracy', sign: 1 },
  loss: { metric: 'newTasksChoiceLoss', sign: -1 },
};

/** The series of a score on the half of the new tasks that chooses. */
export function choiceMetric(score: NewTaskScore): SeriesName {
  return CHOICE[score].metric;
}

/** The first evaluated round of the best score on the half of the new tasks that chooses; -1 without halves. */
export function bestOf({ values }: FinishedRun, score: NewTaskScore): number {
  const { metric, sign } = CHOICE[score];
  return firstBest(values(metric), sign);
}

const POSITIONS: Readonly<Record<ComparisonBasis, (run: FinishedRun) => number>> = {
  last: ({ rounds }) => rounds.length - 1,
  best: (run) => bestOf(run, mainScoreOf(run)),
  target: hitOf,
  earlyStop: ({ values }) => firstBest(values('trainLoss'), -1),
};

/** Where a run is judged; -1 where it is not. */
export function positionAt(basis: ComparisonBasis, run: FinishedRun): number {
  return POSITIONS[basis](run);
}
