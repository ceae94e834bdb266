/** A span for every request that got past the door. */
import type { Tracing } from '@airmeta/service';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { requestId } from '../edge/request-id.js';
import { routePattern } from './route-pattern.js';

/** What asks every few seconds would drown the rest. */
const UNTRACED = ['/health/', '/metrics'];

/** Goes on with a trace that the client began. */
export function traceRequests(tracing: Tracing): RequestHandler {
  return (request: Request, response: Response, next: NextFunction) => {
    if (!tracing.on || UNTRACED.some((prefix) => request.path.startsWith(prefix))) return next();
    const parent = request.headers['traceparent'];
    const attributes = { 'http.request.method': request.method, 'airmeta.request.id': requestId(request) };
    tracing.inSpan(request.method, { ...(typeof parent === 'string' ? { parent } : {}), attributes }, (span) => {
      response.once('close', () => {
        const route = routePattern(request);
        span.rename(`${request.method} ${route}`);
        span.annotate({ 'http.route': route, 'http.response.status_code': response.statusCode });
        if (response.statusCode >= 500) span.fail(`answered ${response.statusCode}`);
        span.end();
      });
      next();
    });
  };
}
