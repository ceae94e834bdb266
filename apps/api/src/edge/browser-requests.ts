/**
 * What a page in a browser could send to a lab without accounts, behind its user's back. Such a lab trusts whoever is on its machine, and
 * a browser is: so it answers only to names of this machine (a page that binds its own name to 127.0.0.1 comes with that name), to no
 * request that says it comes from a page elsewhere, and to none that may change something unless it comes from a page of its own: other
 * programs of this machine show pages too, at other ports. Browsers say where a page is from, and no page can make them say otherwise;
 * programs without pages say nothing and are trusted.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { isLoopback, type AuthMode } from '@airmeta/service';
import type { NextFunction, Request, Response } from 'express';
import { ForeignRequestError } from './problem.js';

function hostnameOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}

function means(name: string | undefined): boolean {
  return name !== undefined && isLoopback(name);
}

/** What only asks. A question of a page elsewhere is answered, and its browser does not let it read the answer. */
const SAFE_METHODS = new Set(['GET', 'HEAD']);

/** Whether a browser says, in whichever way it has, that a request comes from a page of another origin, which a port is part of. */
function isFromAnotherPage({ origin, host = '', 'sec-fetch-site': site }: IncomingHttpHeaders): boolean {
  // Relative to the address in the browser, so that it holds behind a proxy as well. "none" is what a user types.
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  return origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host.toLowerCase());
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
    if (!SAFE_METHODS.has(request.method) && isFromAnotherPage(request.headers)) {
      return next(
        new ForeignRequestError(
          'this lab has no accounts, and takes changes from its own pages only, not from those of another port or site: start it with AIRMETA_AUTH=on',
        ),
      );
    }
    next();
  };
}
