import { randomUUID } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';

const HEADER = 'x-request-id';
const ACCEPTED = /^[A-Za-z0-9._-]{1,100}$/;

/** Gives every request an id, the caller's own where it is a plain one, and returns it with the answer. */
export function assignRequestId(request: Request, response: Response, next: NextFunction): void {
  const given = request.headers[HEADER];
  const id = typeof given === 'string' && ACCEPTED.test(given) ? given : randomUUID();
  request.headers[HEADER] = id;
  response.setHeader('X-Request-Id', id);
  next();
}

export function requestId(request: Request): string {
  return String(request.headers[HEADER]);
}
