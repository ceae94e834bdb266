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
}

export interface Evaluation {
  readonly train: SetScore;
  readonly newAgents: SetScore;
  readonly newTasks: SetScore;
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
    return { loss: mean(loss), accuracy: accuracy && mean(accuracy), losses: loss };
  };
  return { train: score(tasks.train), newAgents: score(tasks.newAgents), newTasks: score(tasks.newTasks) };
}
