import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { AccessStore } from '@airmeta/lab';
import type { Request, Response } from 'express';
import type { Logger } from 'pino';
import { recordUnmadeChange } from '../access/unmade-changes.js';
import { routePattern } from '../operations/route-pattern.js';
import { CapReachedError, problemOf, QueueFullError } from './problem.js';
import { requestId } from './request-id.js';

/** Answers every failed REST request with problem details (RFC 9457). */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly access: AccessStore,
    private readonly log: Logger,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const recorded = recordUnmadeChange(error, this.access, this.log);
    // GraphQL reports its errors itself, through its own formatter.
    if (host.getType<string>() === 'graphql') throw error;
    void recorded.then(() => this.answer(error, host));
  }

  private answer(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request>();
    const response = http.getResponse<Response>();
    const { expected, ...problem } = problemOf(error);
    const id = requestId(request);
    if (!expected) this.log.error({ err: error, requestId: id, method: request.method, route: routePattern(request) }, 'a request failed');
    if (response.headersSent) {
      response.end();
      return;
    }
    if (problem.status === 401) response.setHeader('WWW-Authenticate', 'Bearer realm="airmeta"');
    if (problem.status === 503) response.setHeader('Retry-After', '2');
    if (error instanceof QueueFullError) response.setHeader('Retry-After', String(error.retryAfterSeconds));
    // Answers end by themselves; views and connections are for their member to end.
    if (error instanceof CapReachedError && error.what === 'requests') response.setHeader('Retry-After', '1');
    const body = { ...problem, ...(error instanceof HttpException && problem.status === 404 ? { title: 'Not found' } : {}), requestId: id };
    response.status(problem.status).type('application/problem+json').send(JSON.stringify(body));
  }
}
