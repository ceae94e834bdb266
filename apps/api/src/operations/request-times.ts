/** How long requests take. */
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { Histogram, type Registry } from 'prom-client';
import { routePattern } from './route-pattern.js';

/** Bounds in seconds. */
const BUCKETS = [0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10];

/** Counts every request with its duration; live views are left out, as they last for as long as somebody watches. */
export function timeRequests(registry: Registry): RequestHandler {
  const times = new Histogram({
    name: 'airmeta_http_request_duration_seconds',
    help: 'Duration of requests to this server, by route, method and status; without live views.',
    labelNames: ['route', 'method', 'status'],
    buckets: BUCKETS,
    registers: [registry],
  });
  return (request: Request, response: Response, next: NextFunction) => {
    const stop = times.startTimer();
    response.once('finish', () => {
      if (isLiveView(response)) return;
      stop({ route: routePattern(request), method: request.method, status: response.statusCode });
    });
    next();
  };
}

function isLiveView(response: Response): boolean {
  return String(response.getHeader('content-type')).startsWith('text/event-stream');
}
