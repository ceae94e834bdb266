/** Trade-offs: what is said of all points, and pages of rows that are computed as they are asked for. */
import { Args, ID, Int, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { Inject } from '@nestjs/common';
import type { ComparedExperiment } from '@airmeta/lab';
import type { Persistence } from '@airmeta/persistence';
import { DEFAULT_TRADEOFF_ROWS, MAX_TRADEOFF_ROWS, type ComparedWith, type JsonValue, type TradeoffRow } from '@airmeta/spec';
import { Performs } from '../access/performs.js';
import { BadRequestError, NotFoundError } from '../edge/problem.js';
import { requireId } from '../edge/uuid.js';
import { PERSISTENCE } from '../tokens.js';
import { inTurns } from './in-turns.js';
import { ComparedWithEnum, TradeoffRowType, TradeoffType } from './result-types.js';
import { pageOfRows, rowsCost } from './row-page.js';
import { ExperimentType, type AxisType } from './types.js';

/** What points are compared with. */
export const Against = () =>
  Args('against', { type: () => ComparedWithEnum, nullable: true, description: 'What each point is compared with; ideal by default.' });

export function axesOf(axes: Readonly<Record<string, JsonValue>>): AxisType[] {
  return Object.entries(axes).map(([path, value]) => ({ path, value }));
}

/** The row with its axes as a list; its other fields are computed when they are read, so nothing is copied. */
function rowOf(row: TradeoffRow): TradeoffRowType {
  return Object.assign(Object.create(row) as TradeoffRowType, { axes: axesOf(row.axes) });
}

@Resolver(() => TradeoffType)
export class TradeoffResolver {
  constructor(@Inject(PERSISTENCE) private readonly persistence: Persistence) {}

  @Performs('experiments:read')
  @Query(() => TradeoffType, { description: 'Convergence against generalization over the points of an experiment.' })
  async tradeoff(@Args('experimentId', { type: () => ID }) experimentId: string, @Against() against?: ComparedWith): Promise<TradeoffType> {
    const compared = await comparedExperiment(this.persistence, experimentId, against);
    return { ...compared.outline, compared };
  }

  @Performs('experiments:read')
  @ResolveField(() => [TradeoffRowType], {
    description:
      'A page of rows in the order of the points. Of an experiment that is running, each page is of the moment that it is asked for.',
    complexity: rowsCost,
  })
  rows(
    @Parent() { compared }: TradeoffType,
    @Args('limit', {
      type: () => Int,
      nullable: true,
      description: `At most ${MAX_TRADEOFF_ROWS}; ${DEFAULT_TRADEOFF_ROWS} by default.`,
    })
    limit?: number | null,
    @Args('offset', { type: () => Int, nullable: true, description: 'Rows that are left out before the first.' }) offset?: number | null,
    @Args('points', {
      type: () => [Int],
      nullable: true,
      description: `Instead of a page, the rows of these points by index, at most ${MAX_TRADEOFF_ROWS}; points without a row are left out.`,
    })
    points?: number[] | null,
  ): Promise<TradeoffRowType>[] {
    if (points) {
      if (limit != null || offset != null) throw new BadRequestError('give either points, or limit and offset');
      if (points.length > MAX_TRADEOFF_ROWS)
        throw new BadRequestError(`points must name at most ${MAX_TRADEOFF_ROWS} points, not ${points.length}`);
      return inTurns(compared.rowsOf(points).map(rowOf));
    }
    return inTurns(compared.rows(...pageOfRows(limit, offset)).map(rowOf));
  }
}

@Resolver(() => ExperimentType)
export class ExperimentTradeoffResolver {
  constructor(@Inject(PERSISTENCE) private readonly persistence: Persistence) {}

  @Performs('experiments:read')
  @ResolveField('tradeoff', () => TradeoffType)
  async tradeoffOf(@Parent() experiment: ExperimentType, @Against() against?: ComparedWith): Promise<TradeoffType> {
    const compared = await comparedExperiment(this.persistence, experiment.id, against);
    return { ...compared.outline, compared };
  }
}

export async function comparedExperiment(
  { experiments }: Persistence,
  experimentId: string,
  against: ComparedWith | null = null,
): Promise<ComparedExperiment> {
  const compared = await experiments.tradeoff(requireId('experiment', experimentId), against ?? 'ideal');
  if (!compared) throw new NotFoundError('experiment', experimentId);
  return compared;
}
