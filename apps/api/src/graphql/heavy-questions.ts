/** Large GraphQL queries of one member wait for each other, and nobody else's for them. */
import { finished } from 'node:stream';
import { GraphQLError } from 'graphql';
import type { Response } from 'express';
import { currentSession } from '../access/session-context.js';
import { memberKey, MemberQueue } from '../edge/member-queue.js';
import { problemOf, QueueFullError } from '../edge/problem.js';
import { untilGone } from '../edge/request-gone.js';

/** What may be answered with fewer fields than this does not wait. */
const HEAVY_COST = 1_000;
/** Fewer than the sessions of the database, so that small questions find one. */
const AT_ONCE = 6;
const PER_MEMBER = 2;
const WAITING = 100;

export class HeavyQuestions {
  private readonly queue = new MemberQueue({ what: 'large queries', atOnce: AT_ONCE, perMember: PER_MEMBER, waiting: WAITING });

  /** Resolves when a query of this cost may begin. Its turn lasts until its answer has been taken. */
  async turn(cost: number, response: Response): Promise<void> {
    if (cost < HEAVY_COST) return;
    const answered = new Promise<void>((resolve) => finished(response, () => resolve()));
    await new Promise<void>((begin, refuse) => {
      this.queue
        .run(
          memberKey(currentSession().caller),
          () => {
            begin();
            return answered;
          },
          untilGone(response),
        )
        .catch((error: unknown) => refuse(asGraphqlError(error)));
    });
  }
}

function asGraphqlError(reason: unknown): GraphQLError {
  const error = reason instanceof Error ? reason : new Error(String(reason));
  const { status, type } = problemOf(error);
  const headers = error instanceof QueueFullError ? new Map([['retry-after', String(error.retryAfterSeconds)]]) : undefined;
  return new GraphQLError(error.message, {
    originalError: error,
    extensions: { code: type.split(':').at(-1), http: { status, ...(headers ? { headers } : {}) } },
  });
}
