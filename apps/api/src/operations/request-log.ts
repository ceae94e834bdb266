/** One line for every request that was answered. */
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import { callerOf } from '../access/authenticate.js';
import { requestId } from '../edge/request-id.js';
import { routePattern } from './route-pattern.js';

/** Probes ask every few seconds, and say nothing. */
const PROBES = '/health/';

/**
 * Logs requests when they end: by route pattern, as an address may carry what does not belong into a log. A request that its client left
 * before the answer was complete, as live views are, is logged as such.
 */
export function logRequests(log: Logger): RequestHandler {
  return (request: Request, response: Response, next: NextFunction) => {
    if (request.path.startsWith(PROBES)) return next();
    const start = performance.now();
    response.once('close', () => {
      const member = callerOf(request)?.member?.name;
      const line = {
        requestId: requestId(request),
        method: request.method,
        route: routePattern(request),
        status: response.statusCode,
        durationMs: Math.round((performance.now() - start) * 10) / 10,
        ...(member === undefined ? {} : { member }),
        ...(response.writableFinished ? {} : { left: true }),
      };
      log[response.statusCode >= 500 ? 'warn' : 'info'](line, 'request');
    });
    next();
  };
}
