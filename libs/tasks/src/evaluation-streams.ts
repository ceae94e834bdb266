import { randomStream, type RandomStream } from '@airmeta/numerics';
import type { EnvironmentRequest } from './task-environment.js';

const ROUND_OF_SET = { train: 0, newAgents: 1, newTasks: 2 } as const;

/** Where the choice of evaluated training agents is drawn. */
const ROUND_OF_CHOICE = 3;

/**
 * The stream `evaluation` of one evaluation task. Task i of a set does not depend on how many tasks the set has.
 * @param set which of the three evaluation sets
 * @param index the training agent for `train`, the task's number otherwise
 * @param taskOfAgent which of the agent's tasks, for `train`
 */
export function evaluationStream(seed: number, set: keyof typeof ROUND_OF_SET, index: number, taskOfAgent = 0): RandomStream {
  return randomStream(seed, 'evaluation', { round: ROUND_OF_SET[set], agent: index, step: taskOfAgent });
}

/** The training agents of the evaluation set `train`, increasing: all, or so many of them drawn once. */
export function evaluatedAgents({ seed, agents, trainAgents = agents }: EnvironmentRequest): Int32Array {
  if (trainAgents >= agents) return Int32Array.from({ length: agents }, (_, agent) => agent);
  return randomStream(seed, 'evaluation', { round: ROUND_OF_CHOICE }).sample(agents, trainAgents).sort();
}
