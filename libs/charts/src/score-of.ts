import type { NewTaskScore, Tradeoff } from '@airmeta/spec';

export function isClassification({ rows }: Tradeoff): boolean {
  return rows.some(({ newTasks }) => newTasks.last.accuracy);
}

/** What new tasks are judged by: accuracy in classification, loss in regression. */
export function scoreOf(tradeoff: Tradeoff): NewTaskScore {
  return isClassification(tradeoff) ? 'accuracy' : 'loss';
}
