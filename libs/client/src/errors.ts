/** How a question to a lab server can fail. */
import type { Problem } from '@airmeta/spec';

/** The server refused; `problem` says why, with faults for an invalid specification. */
export class RefusedError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}

/** No lab server answers at this address. */
export class UnreachableError extends Error {
  constructor(
    readonly url: string,
    cause: unknown,
  ) {
    super(`no lab server answers at ${url}`, { cause });
  }
}

/** The server answered something that is not of this interface; perhaps it is no lab server. */
export class UnexpectedAnswerError extends Error {
  constructor(
    message: string,
    /** Status of the answer, when that was what was unexpected. */
    readonly status?: number,
  ) {
    super(message);
  }
}

/** Whether an error may be over soon: the server restarts, or whatever stands before it says that it does. */
export function isPassing(error: unknown): boolean {
  const status = error instanceof RefusedError ? error.problem.status : error instanceof UnexpectedAnswerError ? error.status : undefined;
  return error instanceof UnreachableError || (status !== undefined && status >= 502 && status <= 504) || status === 429;
}

/** Whether the server refused because the answer would be too large: a shorter page may not be. */
export function isTooLarge(error: unknown): boolean {
  return error instanceof RefusedError && error.problem.type === 'urn:airmeta:problem:ANSWER_TOO_LARGE';
}
