import type { FineTuneScores } from '@airmeta/learning';
import { distributionOf } from '@airmeta/numerics';
import { CURVE_QUANTILES, TASK_SETS, type FineTuningCurve, type TaskCurve, type TaskSet } from '@airmeta/spec';
import type { SetScore } from './evaluate.js';

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

export interface EvaluatedRound {
  readonly round: number;
  readonly newTasks: Pick<SetScore, 'loss' | 'accuracy'>;
  /** theta [d] that was evaluated, not to be changed. */
  readonly parameters: Float32Array;
}

/** Whether new tasks are served better: by accuracy where there is one, else by loss. */
function isBetter({ newTasks }: EvaluatedRound, than: EvaluatedRound): boolean {
  return newTasks.accuracy !== null && than.newTasks.accuracy !== null
    ? newTasks.accuracy > than.newTasks.accuracy
    : newTasks.loss < than.newTasks.loss;
}

export interface NotableRoundsState {
  readonly last?: EvaluatedRound;
  readonly best?: EvaluatedRound;
}

/** Remembers the last evaluated round and the best one so far, of equals the first; their curves are made when all is over. */
export class NotableRounds {
  private bestRound: EvaluatedRound | undefined;
  private lastRound: EvaluatedRound | undefined;

  constructor({ last, best }: NotableRoundsState = {}) {
    this.lastRound = last;
    this.bestRound = best;
  }

  add(evaluated: EvaluatedRound): void {
    this.lastRound = evaluated;
    if (!this.bestRound || isBetter(evaluated, this.bestRound)) this.bestRound = evaluated;
  }

  /** What it remembers, to go on from. */
  get state(): NotableRoundsState {
    const { lastRound: last, bestRound: best } = this;
    return { ...(last ? { last } : {}), ...(best ? { best } : {}) };
  }

  get last(): EvaluatedRound | undefined {
    return this.lastRound;
  }

  /**
   * Curves of all sets at the last round, then at the best.
   * @param scoresOf scores of a set's tasks after 0 .. steps steps from given parameters
   */
  curves(steps: number, scoresOf: (parameters: Float32Array, set: TaskSet) => FineTuneScores): FineTuningCurve[] {
    const curvesAt = ({ parameters }: EvaluatedRound) => TASK_SETS.flatMap((set) => curvesOf(set, scoresOf(parameters, set), steps));
    const { lastRound: last, bestRound: best } = this;
    if (!last || !best) return [];
    const atLast = curvesAt(last);
    const atBest = best === last ? atLast : curvesAt(best);
    return [
      ...atLast.map((curve) => ({ at: 'last' as const, round: last.round, ...curve })),
      ...atBest.map((curve) => ({ at: 'best' as const, round: best.round, ...curve })),
    ];
  }
}
