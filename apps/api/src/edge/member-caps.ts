/**
 * How much of a server one member may hold at a time, whatever the number of tokens: requests under way, live views, connections. What
 * is over a cap is refused with 429; nobody else notices.
 */
import type { Socket } from 'node:net';
import { finished } from 'node:stream';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { ipKeyGenerator } from 'express-rate-limit';
import { callerOf } from '../access/authenticate.js';
import { CapReachedError, type Capped } from './problem.js';

/** Whose request it is: a member's, or, without accounts or a token, an address's. */
function holderOf(request: Request): string {
  const caller = callerOf(request);
  return caller?.member ? `member ${caller.member.id}` : `${caller ? 'local' : 'stranger'} ${ipKeyGenerator(request.ip ?? '')}`;
}

/** How many things each holder has; those who have none are forgotten. */
class Holdings {
  private readonly counts = new Map<string, number>();

  of(holder: string): number {
    return this.counts.get(holder) ?? 0;
  }

  add(holder: string): void {
    this.counts.set(holder, this.of(holder) + 1);
  }

  remove(holder: string): void {
    const left = this.of(holder) - 1;
    if (left > 0) this.counts.set(holder, left);
    else this.counts.delete(holder);
  }
}

/** Lets a holder have so many requests of a kind answered at a time, each until it is answered or its client is gone. */
export function limitUnderWay(what: Exclude<Capped, 'connections'>, most: number): RequestHandler {
  const held = new Holdings();
  return (request: Request, response: Response, next: NextFunction) => {
    const holder = holderOf(request);
    if (held.of(holder) >= most) return next(new CapReachedError(what, most));
    held.add(holder);
    finished(response, () => held.remove(holder)); // of one that is gone already as well
    next();
  };
}

/**
 * Lets a holder keep so many connections open. A connection is held by whoever sent the last request over it; one too many is closed with
 * its answer. Behind proxies connections are the proxies', so that none are counted there.
 */
export function limitConnections(most: number, trustedProxies: number): RequestHandler {
  const held = new Holdings();
  const holders = new WeakMap<Socket, string>();
  return (request: Request, response: Response, next: NextFunction) => {
    const { socket } = request;
    const holder = holderOf(request);
    const before = holders.get(socket);
    if (trustedProxies > 0 || before === holder || socket.destroyed) return next();
    if (held.of(holder) >= most) {
      response.setHeader('Connection', 'close');
      return next(new CapReachedError('connections', most));
    }
    held.add(holder);
    holders.set(socket, holder);
    if (before === undefined) {
      socket.once('close', () => {
        const last = holders.get(socket);
        if (last !== undefined) held.remove(last);
      });
    } else held.remove(before);
    next();
  };
}
