import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import { callerOf } from '../access/authenticate.js';
import type { ApiConfig } from '../config.js';
import { TooManyRequestsError } from './problem.js';

const WINDOW_MS = 60_000;

function addressOf(request: Request): string {
  return ipKeyGenerator(request.ip ?? '');
}

/** So many requests a minute: of one token, of one address in a lab without accounts, and of one address without a token. */
export function limitRate({ perCaller, perStranger }: ApiConfig['rateLimit']): RequestHandler {
  return rateLimit({
    windowMs: WINDOW_MS,
    standardHeaders: 'draft-7',
    legacyHeaders: false,
    keyGenerator: (request) => {
      const caller = callerOf(request);
      return caller?.token ? `token ${caller.token.id}` : `${caller ? 'local' : 'stranger'} ${addressOf(request)}`;
    },
    limit: (request) => (callerOf(request) ? perCaller : perStranger),
    // The library has set Retry-After.
    handler: (request: Request, _: Response, next: NextFunction) =>
      next(new TooManyRequestsError(callerOf(request) ? perCaller : perStranger)),
  });
}
