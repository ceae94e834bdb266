/** What an error means to a caller: one mapping for REST and GraphQL. */
import { HttpException } from '@nestjs/common';
import {
  AccessConflictError,
  ControlConflictError,
  DamagedParametersError,
  IdempotencyConflictError,
  NotAllowedError,
  NotComparableError,
  TooManyTokensError,
  UnreadableDatasetError,
} from '@airmeta/lab';
import { DatabaseUnavailableError, InvalidCursorError, StorageFullError } from '@airmeta/persistence';
import { InvalidSpecificationError, type Problem } from '@airmeta/spec';

/** Something that was asked for by id is not there. */
export class NotFoundError extends Error {
  constructor(
    readonly kind: 'experiment' | 'point' | 'run' | 'parameters' | 'member' | 'token' | 'page' | 'dataset',
    readonly id: string,
  ) {
    super(`there ${kind === 'parameters' ? 'are' : 'is'} no ${kind} ${id}`);
  }
}

/** A request parameter is not usable. */
export class BadRequestError extends Error {}

const LOG_IN = 'run "airmeta login", or set AIRMETA_TOKEN';
const WHY_UNKNOWN = {
  missing: `this lab asks who you are: ${LOG_IN}; other programs send a token as "Authorization: Bearer airmeta_..."`,
  malformed: `what was sent is no token of a lab, which is "Bearer airmeta_" and 43 characters: ${LOG_IN}`,
  unknown: `this lab does not know this token; perhaps it is another lab’s: ${LOG_IN}`,
  revoked: 'this token was revoked: create another one with "airmeta tokens create", or ask an admin of this lab for one',
  expired: 'this token has expired: create another one with "airmeta tokens create", or ask an admin of this lab for one',
} as const;

/** Nobody can be told from what the request came with. */
export class UnauthenticatedError extends Error {
  constructor(reason: keyof typeof WHY_UNKNOWN) {
    super(WHY_UNKNOWN[reason]);
  }
}

/** A request that a page elsewhere may have made a browser send. */
export class ForeignRequestError extends Error {}

/** The lab can be read, and nothing can be stored in it. */
export class NotReadyError extends Error {}

/** The body is of a type that is not taken. */
export class UnsupportedTypeError extends Error {
  constructor(given: string | undefined, taken: readonly string[]) {
    super(`the Content-Type must be ${taken.join(' or ')}, ${given === undefined ? 'and there is none' : `not "${given.slice(0, 100)}"`}`);
  }
}

export class TooManyRequestsError extends Error {
  constructor(perMinute: number) {
    super(`more than ${perMinute} requests in a minute: wait as long as Retry-After says, or ask who runs this lab for a higher limit`);
  }
}

/** A member has as much waiting as may wait. */
export class QueueFullError extends Error {
  constructor(
    reason: string,
    readonly retryAfterSeconds: number,
  ) {
    super(`${reason}: wait as long as Retry-After says`);
  }
}

/** Nobody is there any more to take the answer. */
export class RequestGoneError extends Error {
  constructor() {
    super('the request was given up before its turn came');
  }
}

const WHAT_TO_DO = {
  requests: 'requests under way at a time: wait for the answers of some',
  'live views': 'live views open at a time: close some',
  connections: 'connections open at a time: use those that are open',
} as const;

/** Something of which a member may have so much at a time. */
export type Capped = keyof typeof WHAT_TO_DO;

/** One member holds as much of the server as one may. */
export class CapReachedError extends Error {
  constructor(
    readonly what: Capped,
    most: number,
  ) {
    super(`no member may have more than ${most} ${WHAT_TO_DO[what]}, or ask who runs this lab for a higher limit`);
  }
}

type Refusal = Pick<Problem, 'type' | 'title' | 'status'>;

/** Refusals that need no more than their sentence. */
function refusalOf(error: unknown): Refusal | undefined {
  const refusal = (status: number, name: string, title: string): Refusal => ({ type: `urn:airmeta:problem:${name}`, title, status });
  if (error instanceof UnauthenticatedError) return refusal(401, 'unauthenticated', 'Who are you?');
  if (error instanceof NotAllowedError || error instanceof ForeignRequestError) return refusal(403, 'forbidden', 'Not allowed');
  if (error instanceof AccessConflictError || error instanceof ControlConflictError) return refusal(409, 'conflict', 'Not possible now');
  // 422 and not 409, which is for a request that is still under way (draft-ietf-httpapi-idempotency-key-header, section 2.7).
  if (error instanceof IdempotencyConflictError) return refusal(422, 'idempotency-key-reused', 'The idempotency key was used before');
  if (error instanceof StorageFullError) return refusal(507, 'storage-full', 'No room to store it');
  if (error instanceof NotReadyError) return refusal(503, 'storage-full', 'No room to store anything');
  if (error instanceof NotComparableError)
    return refusal(422, 'not-comparable', 'The experiment has not run what it is to be compared with');
  if (error instanceof UnreadableDatasetError) return refusal(422, 'unreadable-dataset', 'The data set cannot be read');
  if (error instanceof UnsupportedTypeError) return refusal(415, 'unsupported-type', 'The type of the body is not taken');
  if (error instanceof TooManyRequestsError || error instanceof QueueFullError)
    return refusal(429, 'too-many-requests', 'Too many requests');
  if (error instanceof RequestGoneError) return refusal(499, 'request-gone', 'The request was given up');
  if (error instanceof CapReachedError || error instanceof TooManyTokensError)
    return refusal(429, 'cap-reached', 'You have as many as one may');
  return undefined;
}

/** Turns any error into problem details; only unknown ones are worth an error in the log. */
export function problemOf(error: unknown): Problem & { readonly expected: boolean } {
  if (error instanceof InvalidSpecificationError) {
    return {
      type: 'urn:airmeta:problem:invalid-specification',
      title: 'The specification is not valid',
      status: 422,
      detail: error.message,
      faults: [...error.faults],
      expected: true,
    };
  }
  if (error instanceof NotFoundError) {
    return { type: 'urn:airmeta:problem:not-found', title: 'Not found', status: 404, detail: error.message, expected: true };
  }
  if (error instanceof BadRequestError || error instanceof InvalidCursorError) {
    return {
      type: 'urn:airmeta:problem:bad-request',
      title: 'The request is not valid',
      status: 400,
      detail: error.message,
      expected: true,
    };
  }
  if (error instanceof DatabaseUnavailableError) {
    return {
      type: 'urn:airmeta:problem:unavailable',
      title: 'Temporarily unavailable',
      status: 503,
      detail: 'the database does not answer; try again shortly',
      expected: true,
    };
  }
  if (error instanceof DamagedParametersError) {
    return { type: 'urn:airmeta:problem:damaged', title: 'Stored data are damaged', status: 500, detail: error.message, expected: false };
  }
  const refusal = refusalOf(error);
  if (refusal && error instanceof Error) return { ...refusal, detail: error.message, expected: true };
  const status = error instanceof HttpException ? error.getStatus() : statusOf(error);
  if (status !== undefined && status < 500) {
    return {
      type: 'about:blank',
      title: 'The request is not valid',
      status,
      detail: error instanceof Error ? error.message : String(error),
      expected: true,
    };
  }
  return {
    type: 'about:blank',
    title: 'Internal error',
    status: 500,
    detail: 'an unexpected error; the server’s log has it under this request id',
    expected: false,
  };
}

/** Body parsers throw errors with a `status`, such as 413 for a body over the limit. */
function statusOf(error: unknown): number | undefined {
  return typeof error === 'object' && error !== null && 'status' in error && typeof error.status === 'number' ? error.status : undefined;
}
