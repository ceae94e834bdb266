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
  /** Training classes in an agent's pool; null: all of them, or all of its alphabets. */
  readonly classesPerAgent: number | null;
  /** Groups of classes (alphabets) an agent's pool is drawn from; null: all of them. */
  readonly alphabetsPerAgent: number | null;
  /**
   * beta: an agent's class probabilities are Dirichlet(beta, ..., beta) over its pool [hsu2019], and its tasks draw their
   * classes by them without replacement; null: uniformly.
   */
  readonly dirichlet: number | null;
  /** Samples per training class that are kept for evaluation, at least 1. */
  readonly heldOut: number;
  /** Training samples an agent owns of each of its classes; null: all that are not held out. */
  readonly samplesPerClass: number | null;
}
