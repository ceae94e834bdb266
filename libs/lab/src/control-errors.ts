/** Why steering an experiment is refused; the message is for the caller. */

/** What is asked for contradicts the state of the experiment or run. */
export class ControlConflictError extends Error {
  override readonly name = 'ControlConflictError';
}

/** The idempotency key belongs to another request. */
export class IdempotencyConflictError extends Error {
  override readonly name = 'IdempotencyConflictError';
  constructor(key: string) {
    super(`the idempotency key ${JSON.stringify(key)} was used for another submission: use a new key for a new experiment`);
  }
}
