/** What every few-shot classification family lets the user choose. */
export interface ClassTask {
  /** Classes in a task. */
  readonly ways: number;
  /** Support samples per class. */
  readonly shots: number;
  /** Query samples per class. */
  readonly queries: number;
  /** Fixed tasks an agent owns; 0: a fresh task from its pool every round. */
  readonly trainTasksPerAgent: number;
  /** Training classes in an agent's pool; null: all of them. */
  readonly classesPerAgent: number | null;
  /** Samples per training class that are kept for evaluation, at least 1. */
  readonly heldOut: number;
}
