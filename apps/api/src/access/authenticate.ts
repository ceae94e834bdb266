/** From the Authorization header to the caller. */
import { effectiveRole, isTokenSecret, LOCAL_CALLER, tokenHash, type AccessStore, type Caller, type Credentials } from '@airmeta/lab';
import type { AuthMode, Tracing } from '@airmeta/service';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { UnauthenticatedError } from '../edge/problem.js';
import { requestId } from '../edge/request-id.js';
import { withSession } from './session-context.js';

/** What became of a request's credentials: a caller, nobody, or a reason to refuse. */
interface Identification {
  readonly caller?: Caller;
  readonly refusal?: UnauthenticatedError;
}

const identifications = new WeakMap<Request, Identification>();

/** Undefined for a request that is nobody's, or has bad credentials. */
export function callerOf(request: Request): Caller | undefined {
  return identifications.get(request)?.caller;
}

async function identify(header: string | undefined, access: AccessStore): Promise<Identification> {
  if (header === undefined) return {};
  const [, secret] = /^Bearer +(\S+)$/i.exec(header.trim()) ?? [];
  if (secret === undefined || !isTokenSecret(secret)) return { refusal: new UnauthenticatedError('malformed') };
  const found = await access.credentials(tokenHash(secret));
  if (found === undefined) return { refusal: new UnauthenticatedError('unknown') };
  return found.state === 'valid' ? { caller: callerWith(found) } : { refusal: new UnauthenticatedError(found.state) };
}

export function callerWith({ member, token }: Credentials): Caller {
  return { member, token, role: effectiveRole(member.role, token.scope) };
}

/** Finds out who asks; in a lab without accounts everyone is its one user. Refuses nobody yet: refusals are counted first. */
export function identifyCaller(auth: AuthMode, access: AccessStore) {
  return async (request: Request, _: Response, next: NextFunction): Promise<void> => {
    identifications.set(request, auth === 'off' ? { caller: LOCAL_CALLER } : await identify(request.headers.authorization, access));
    next();
  };
}

/** Refuses bad credentials, which are a mistake even where none are needed. */
export function refuseBadCredentials(request: Request, _: Response, next: NextFunction): void {
  next(identifications.get(request)?.refusal);
}

/** Refuses strangers: for what is no route with an operation of its own, such as the GraphQL endpoint as a whole. */
export function refuseStrangers(request: Request, _: Response, next: NextFunction): void {
  next(callerOf(request) ? undefined : new UnauthenticatedError('missing'));
}

/** Serves the rest of the request in its caller's session, which is part of the trace that is open. */
export function openSession(tracing: Tracing): RequestHandler {
  return (request: Request, _: Response, next: NextFunction) => {
    const trace = tracing.current();
    withSession({ caller: callerOf(request), requestId: requestId(request), ...(trace === undefined ? {} : { trace }) }, next);
  };
}
