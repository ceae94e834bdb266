import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ACCESS_POLICY, NotAllowedError, reachOf, refusalOf, type Operation } from '@airmeta/lab';
import type { Request } from 'express';
import { UnauthenticatedError } from '../edge/problem.js';
import { OPERATION } from './performs.js';
import { beginChange, currentCaller } from './session-context.js';

/** Lets a route or field run when the policy lets the caller perform its operation at all; on what, is for the use case to say. */
@Injectable()
export class PolicyGuard implements CanActivate {
  constructor(@Inject(Reflector) private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const operation = this.reflector.get<Operation | undefined>(OPERATION, context.getHandler());
    if (operation === undefined) throw new Error(`${context.getClass().name}.${context.getHandler().name} declares no operation`);
    if (ACCESS_POLICY[operation].changes) beginChange({ operation, target: targetOf(context) });
    const caller = currentCaller();
    if (reachOf(caller, operation) !== 'never') return true;
    throw caller === undefined ? new UnauthenticatedError('missing') : new NotAllowedError(refusalOf(caller, operation));
  }
}

/** The id or name in a route's path, or a mutation's `id`. */
function targetOf(context: ExecutionContext): string | null {
  const given =
    context.getType<string>() === 'graphql'
      ? context.getArgByIndex<{ readonly id?: unknown }>(1).id
      : Object.values(context.switchToHttp().getRequest<Request>().params)[0];
  return typeof given === 'string' ? given.slice(0, 200) : null;
}
