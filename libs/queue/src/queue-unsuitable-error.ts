/** The database answers, and no queue can live in it as it is; the message says what to change. */
export class QueueUnsuitableError extends Error {
  override readonly name = 'QueueUnsuitableError';
  readonly code = 'queue-unsuitable';
}
