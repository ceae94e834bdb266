/** The losses f_i that constants are measured of: fixed large batches of the agents' own training data. */
import type { LearnerBatch, LearnerEpisode } from '@airmeta/learning';
import type { PointSpec } from '@airmeta/spec';
import type { TaskEnvironment } from '@airmeta/tasks';

/** Losses that are measured, at most. Of more agents the first are taken: all are drawn alike, so they are as good as any. */
const MAX_LOSSES = 64;

/** Tasks of an agent that are measured, at most, and of agents with a fresh task every round; fewer where there are many agents. */
const MAX_TASKS_PER_AGENT = 4;

/** Episodes of a task: stochastic gradients are compared between them, and together they are the large batch. */
const EPISODES = 8;

/** Batches of rounds that no run plays are independent of all that it is trained on. Rounds are fewer than this. */
const FIRST_ROUND = 2 ** 31;

/**
 * One task of one agent. In the theory's words it is an agent: f_i is the loss of a task, and what tasks of the same agent differ by counts as
 * heterogeneity.
 */
export interface AgentLoss {
  /** As a round would draw them: D, D' and, where the meta-gradient needs it, D'' [EPISODES]. */
  readonly episodes: readonly LearnerEpisode[];
  /** All their samples, as support and as query set: f_i is the mean loss over it. */
  readonly whole: LearnerEpisode;
}

/**
 * f_i of the run's agents, a pure function of the environment. A batch of a task with finitely many samples is drawn from them, so all batches
 * together hold some samples more than once.
 */
export function agentLosses(tasks: TaskEnvironment, { agents, task, meta }: PointSpec): AgentLoss[] {
  const measuredAgents = Math.min(agents.count, MAX_LOSSES);
  const owned = task.trainTasksPerAgent === 0 ? Infinity : task.trainTasksPerAgent;
  const perAgent = Math.min(owned, MAX_TASKS_PER_AGENT, Math.floor(MAX_LOSSES / measuredAgents));
  const withHessianBatch = meta.gradient === 'exact' || meta.gradient === 'hessian-free';
  return Array.from({ length: measuredAgents * perAgent }, (_, index) => {
    const agent = Math.floor(index / perAgent);
    const round = FIRST_ROUND + (index % perAgent);
    const episodes = Array.from({ length: EPISODES }, (__, step) => tasks.trainingEpisode(agent, round, step, withHessianBatch));
    const all = joined(episodes.flatMap(({ support, query }) => [support, query]));
    return { episodes, whole: { support: all, query: all } };
  });
}

/** Batches one behind the other. */
function joined(batches: readonly LearnerBatch[]): LearnerBatch {
  const length = (part: 'x' | 'y') => batches.reduce((sum, batch) => sum + batch[part].length, 0);
  const x = new Float32Array(length('x'));
  const y = batches[0].y instanceof Int32Array ? new Int32Array(length('y')) : new Float32Array(length('y'));
  let [atX, atY] = [0, 0];
  for (const batch of batches) {
    x.set(batch.x, atX);
    y.set(batch.y, atY);
    atX += batch.x.length;
    atY += batch.y.length;
  }
  return { size: batches.reduce((sum, { size }) => sum + size, 0), x, y };
}
