import { randomStream, type StreamAddress } from '@airmeta/numerics';

/**
 * Which tasks a training agent has, and which of them it works on in a round.
 *
 * Two regimes, by `trainTasksPerAgent` T:
 * - T > 0, *fixed*: the agent owns T tasks, drawn once; every round it picks one of them at random.
 * - T = 0, *open*: every round brings the agent a fresh task.
 *
 * A task is identified by its {@link StreamAddress}: whatever defines it (amplitude and phase, a tuple of classes) is
 * drawn from the stream `tasks` at that address, its own data from the stream `data` at the same address. An agent works
 * on one task for a whole round; its local steps draw new batches of it.
 */

/** How many tasks each agent contributes to the evaluation set `train`, at most. */
export const MAX_EVALUATED_TASKS_PER_AGENT = 4;

/** The `step` part of an address of the stream `tasks`; fixed task t sits at `firstFixedTask + t`. */
const STEP = { pool: 0, openTask: 1, choiceOfTask: 2, evaluatedOpenTask: 3, firstFixedTask: 4 } as const;

/** Where the class pool of a training agent is drawn (stream `tasks`). */
export function poolAddress(agent: number): StreamAddress {
  return { agent, step: STEP.pool };
}

/** Address of fixed task `index` of `agent`. */
function fixedTaskAddress(agent: number, index: number): StreamAddress {
  return { agent, step: STEP.firstFixedTask + index };
}

/**
 * Address of the task that `agent` works on in `round`, uniform over its fixed tasks or a fresh one (T = 0).
 * @param seed the run's seed
 * @param tasksPerAgent T
 */
export function taskOfRound(seed: number, tasksPerAgent: number, agent: number, round: number): StreamAddress {
  if (tasksPerAgent === 0) return { round, agent, step: STEP.openTask };
  const choice = randomStream(seed, 'tasks', { round, agent, step: STEP.choiceOfTask });
  return fixedTaskAddress(agent, choice.integer(tasksPerAgent));
}

/** Addresses of the fixed tasks of `agent`, none when T = 0. */
export function fixedTasks(tasksPerAgent: number, agent: number): StreamAddress[] {
  return Array.from({ length: tasksPerAgent }, (_, index) => fixedTaskAddress(agent, index));
}

/**
 * Addresses of the tasks of `agent` in the evaluation set `train`: its first
 * min(T, {@link MAX_EVALUATED_TASKS_PER_AGENT}) fixed tasks; when T = 0, that many fresh tasks drawn once.
 */
export function evaluatedTasks(tasksPerAgent: number, agent: number): StreamAddress[] {
  const open = tasksPerAgent === 0;
  const count = open ? MAX_EVALUATED_TASKS_PER_AGENT : Math.min(tasksPerAgent, MAX_EVALUATED_TASKS_PER_AGENT);
  return Array.from({ length: count }, (_, index) =>
    open ? { round: index, agent, step: STEP.evaluatedOpenTask } : fixedTaskAddress(agent, index),
  );
}
