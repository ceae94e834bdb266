/** Scores of the meta-parameters after fine-tuning, on three sets of tasks kept apart. */
import type { Learner, LearnerEpisode } from '@airmeta/learning';
import { mean } from '@airmeta/numerics';
import type { EvaluationTasks } from '@airmeta/tasks';

export interface SetScore {
  /** Mean query loss over tasks after the last fine-tuning step. */
  readonly loss: number;
  /** Mean query accuracy over tasks, null for regression. */
  readonly accuracy: number | null;
  /** Query loss of every task after the last step. */
  readonly losses: Float64Array;
  /** Query accuracy of every task, null for regression. */
  readonly accuracies: Float64Array | null;
}

export interface Evaluation {
  readonly train: SetScore;
  readonly newAgents: SetScore;
  readonly newTasks: SetScore;
}

/** Mean score over the tasks of a half. */
export type HalfScore = Pick<SetScore, 'loss' | 'accuracy'>;

/** A set in two disjoint halves, the same at every round: what is chosen by one is judged by the other. */
export interface Halves {
  readonly choice: HalfScore;
  readonly judge: HalfScore;
}

/**
 * The scores of the two halves of a set: tasks at even positions (0, 2, ...) choose, those at odd positions judge.
 * @returns null for fewer than two tasks
 */
export function halvesOf({ losses, accuracies }: Pick<SetScore, 'losses' | 'accuracies'>): Halves | null {
  if (losses.length < 2) return null;
  const half = (parity: 0 | 1): HalfScore => {
    const own = (values: Float64Array) => mean(values.filter((_, position) => position % 2 === parity));
    return { loss: own(losses), accuracy: accuracies && own(accuracies) };
  };
  return { choice: half(0), judge: half(1) };
}

/** @param theta [d] */
export function evaluate(
  learner: Learner,
  theta: Float32Array,
  tasks: EvaluationTasks,
  innerStep: number,
  fineTuneSteps: number,
): Evaluation {
  const score = (episodes: readonly LearnerEpisode[]): SetScore => {
    const { loss, accuracy } = learner.fineTune(theta, episodes, innerStep, fineTuneSteps, fineTuneSteps);
    return { loss: mean(loss), accuracy: accuracy && mean(accuracy), losses: loss, accuracies: accuracy };
  };
  return { train: score(tasks.train), newAgents: score(tasks.newAgents), newTasks: score(tasks.newTasks) };
}
