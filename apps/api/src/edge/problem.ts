/** What an error means to a caller: one mapping for REST and GraphQL. */
import { HttpException } from '@nestjs/common';
import { DatabaseUnavailableError, InvalidCursorError } from '@airmeta/persistence';
import { InvalidSpecificationError, type Problem } from '@airmeta/spec';

/** Something that was asked for by id is not there. */
export class NotFoundError extends Error {
  constructor(
    readonly kind: 'experiment' | 'point' | 'run' | 'parameters',
    readonly id: string,
  ) {
    super(`there ${kind === 'parameters' ? 'are' : 'is'} no ${kind} ${id}`);
  }
}

/** A request parameter is not usable. */
export class BadRequestError extends Error {}

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
