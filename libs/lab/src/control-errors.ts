/** Why steering an experiment, or reading it, is refused; the message is for the caller. */

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

/** What a run has left is not what was stored: a disk, or somebody, has changed it. */
export class DamagedParametersError extends Error {
  override readonly name = 'DamagedParametersError';
  constructor(runId: string) {
    super(
      `the parameters of run ${runId} are not those that were stored: their checksum does not match. ` +
        'Delete the run and resume its experiment, which computes it anew',
    );
  }
}
