/** Claims of a gain within a budget of extra rounds: decided once of what a trade-off is of, and answered a page of rows at a time. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Inject } from '@nestjs/common';
import { Args, Float, ID, Int, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { claimSubject, decideClaim, inSteps, type ComparedExperiment } from '@airmeta/lab';
import type { Persistence } from '@airmeta/persistence';
import { DEFAULT_ROUND_BUDGET, MAX_ROUND_BUDGET, type ComparedWith, type GainClaim } from '@airmeta/spec';
import { LRUCache } from 'lru-cache';
import { Performs } from '../access/performs.js';
import { inMemberTurn } from '../edge/member-turn.js';
import { BadRequestError } from '../edge/problem.js';
import { PERSISTENCE } from '../tokens.js';
import { inTurns } from './in-turns.js';
import { GainClaimRowType, GainClaimType } from './result-types.js';
import { pageOfRows, rowsCost } from './row-page.js';
import { Against, comparedExperiment } from './tradeoff.resolver.js';

/** Rows of the claims that are kept: 10,000 are about 30 MB. */
const MOST_KEPT = 25_000;

interface Kept {
  /** What it was decided of: another object as soon as something has happened to the experiment. */
  readonly compared: ComparedExperiment;
  readonly claim: Promise<GainClaim>;
}

@Resolver(() => GainClaimType)
export class ClaimResolver {
  private readonly kept = new LRUCache<string, Kept>({
    maxSize: MOST_KEPT,
    sizeCalculation: ({ compared }) => 1 + compared.outline.rowCount,
  });

  constructor(@Inject(PERSISTENCE) private readonly persistence: Persistence) {}

  @Performs('experiments:read')
  @Query(() => GainClaimType, {
    description: 'The gain in new-task score within a budget of extra rounds, against a twin, with intervals and a verdict.',
  })
  async claim(
    @Args('experimentId', { type: () => ID }) experimentId: string,
    @Args('budget', { type: () => Float, nullable: true, description: `Extra rounds as a share; ${DEFAULT_ROUND_BUDGET} by default.` })
    budget?: number | null,
    @Against() against?: ComparedWith,
  ): Promise<GainClaimType> {
    const share = budget ?? DEFAULT_ROUND_BUDGET;
    if (!(share >= 0 && share <= MAX_ROUND_BUDGET))
      throw new BadRequestError(`budget must be a share of extra rounds from 0 to ${MAX_ROUND_BUDGET}, such as 0.18, not ${share}`);
    const compared = await comparedExperiment(this.persistence, experimentId, against);
    const { rows, ...claim } = await this.claimOf(compared, share);
    return { ...claim, claimed: rows };
  }

  @Performs('experiments:read')
  @ResolveField(() => [GainClaimRowType], { description: 'A page of rows in the order of the points.', complexity: rowsCost })
  rows(
    @Parent() { claimed }: GainClaimType,
    @Args('limit', { type: () => Int, nullable: true }) limit?: number | null,
    @Args('offset', { type: () => Int, nullable: true }) offset?: number | null,
  ): Promise<GainClaimRowType>[] {
    const [from, to] = pageOfRows(limit, offset);
    return inTurns(claimed.slice(from, to));
  }

  /** Whoever may see what it is of may see it, so that equal questions share an answer. */
  private claimOf(compared: ComparedExperiment, budget: number): Promise<GainClaim> {
    const { experimentId, against } = compared.outline;
    const key = `${experimentId} ${against} ${budget}`;
    const known = this.kept.get(key);
    if (known?.compared === compared) return known.claim;
    const { experiments } = this.persistence; // of this session, whoever's turn it is then
    const claim = inMemberTurn(async () => {
      const subject = await inSteps(claimSubject(compared), () => nextTurn());
      const runs = await experiments.claimRuns(experimentId, subject.score);
      return inSteps(decideClaim(subject, runs, budget), () => nextTurn());
    });
    this.kept.set(key, { compared, claim });
    claim.catch(() => {
      if (this.kept.peek(key)?.claim === claim) this.kept.delete(key);
    });
    return claim;
  }
}
