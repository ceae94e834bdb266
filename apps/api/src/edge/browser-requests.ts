/**
 * What a page in a browser could send to a lab without accounts, behind its user's back. Such a lab trusts whoever is on its machine, and
 * a browser is: so it answers only to names of this machine (a page that binds its own name to 127.0.0.1 comes with that name), and to no
 * request that says it comes from a page elsewhere.
 */
import { isLoopback, type AuthMode } from '@airmeta/service';
import type { NextFunction, Request, Response } from 'express';
import { ForeignRequestError } from './problem.js';

function hostnameOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}

function means(name: string | undefined): boolean {
  return name !== undefined && isLoopback(name);
}

export function refuseForeignRequests(auth: AuthMode) {
  return (request: Request, _: Response, next: NextFunction): void => {
    if (auth === 'on') return next(); // a token in a header is nothing a browser adds by itself
    const { host = '', origin } = request.headers;
    if (!means(hostnameOf(`http://${host}`))) {
      return next(
        new ForeignRequestError(
          `this lab has no accounts and answers to this machine only, not to the name "${host.slice(0, 100)}": call it http://127.0.0.1, ` +
            'or start it with AIRMETA_AUTH=on',
        ),
      );
    }
    if (origin !== undefined && !means(hostnameOf(origin))) {
      return next(
        new ForeignRequestError(
          `this lab has no accounts and takes no requests from pages of "${origin.slice(0, 100)}": start it with AIRMETA_AUTH=on`,
        ),
      );
    }
    next();
  };
}
