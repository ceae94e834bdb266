import { SetMetadata } from '@nestjs/common';
import type { Operation } from '@airmeta/lab';

export const OPERATION = Symbol('operation');

/**
 * Says which operation of the access policy (libs/lab/src/access-policy.ts) a route or a GraphQL field performs. Every one must: the
 * server does not start otherwise.
 */
export const Performs = (operation: Operation): MethodDecorator => SetMetadata(OPERATION, operation);
