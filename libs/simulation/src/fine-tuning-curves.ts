import type { FineTuneScores } from '@airmeta/learning';
import { distributionOf } from '@airmeta/numerics';
import { CURVE_QUANTILES, TASK_SETS, type FineTuningCurve, type TaskCurve, type TaskSet } from '@airmeta/spec';
import type { Evaluation } from './evaluate.js';

const PROBABILITIES = Object.values(CURVE_QUANTILES);
const finite = (value: number) => (Number.isFinite(value) ? value : null);

/** The distribution of loss and, in classification, accuracy over the tasks of a set after 0 .. steps fine-tuning steps. */
export function curvesOf(set: TaskSet, { loss, accuracy }: FineTuneScores, steps: number): TaskCurve[] {
  const curve = (metric: TaskCurve['metric'], scores: Float64Array): TaskCurve => {
    const stages = Array.from({ length: steps + 1 }, (_, step) =>
      distributionOf(
        scores.filter((__, at) => at % (steps + 1) === step),
        PROBABILITIES,
      ),
    );
    const quantile = (index: number) => stages.map(({ quantiles }) => finite(quantiles[index]));
    return {
      ...{ set, metric, tasks: scores.length / (steps + 1) },
      mean: stages.map(({ mean }) => finite(mean)),
      deviation: stages.map(({ deviation }) => finite(deviation)),
      ...{ q05: quantile(0), q25: quantile(1), q50: quantile(2), q75: quantile(3), q95: quantile(4) },
    };
  };
  return [curve('loss', loss), ...(accuracy ? [curve('accuracy', accuracy)] : [])];
}

/** An evaluated round, with all that was scored in it. */
export interface EvaluatedRound {
  readonly round: number;
  readonly evaluation: Evaluation;
}

/** Whether new tasks are served better: by accuracy where there is one, else by loss. */
function isBetter({ newTasks }: Evaluation, than: Evaluation): boolean {
  return newTasks.accuracy !== null && than.newTasks.accuracy !== null
    ? newTasks.accuracy > than.newTasks.accuracy
    : newTasks.loss < than.newTasks.loss;
}

/** Remembers the last evaluated round and the best one so far, of equals the first. */
export class NotableRounds {
  private best: EvaluatedRound | undefined;
  private last: EvaluatedRound | undefined;

  add(evaluated: EvaluatedRound): void {
    this.last = evaluated;
    if (!this.best || isBetter(evaluated.evaluation, this.best.evaluation)) this.best = evaluated;
  }

  /** Curves of all sets at the last round, then at the best. */
  curves(steps: number): FineTuningCurve[] {
    const of = (at: FineTuningCurve['at'], evaluated: EvaluatedRound | undefined) =>
      evaluated
        ? TASK_SETS.flatMap((set) =>
            curvesOf(set, evaluated.evaluation[set].scores, steps).map((curve) => ({ at, round: evaluated.round, ...curve })),
          )
        : [];
    return [...of('last', this.last), ...of('best', this.best)];
  }
}
