/** Which points are rows of a trade-off, and what each is compared with on which replicates. */
import type { ComparedWith } from '@airmeta/spec';
import { NotComparableError, type Comparison, type RunsByPoint } from './point-runs.js';
import type { TradeoffInput, TradeoffPoint } from './tradeoff-input.js';
import { tunedComparisons } from './tuned.js';

function withTwins({ points }: TradeoffInput, twinIdOf: (point: TradeoffPoint) => string | null): Comparison[] {
  const byId = new Map(points.map((point) => [point.pointId, point]));
  return points.map((point) => {
    const twinPointId = twinIdOf(point);
    const other = twinPointId === null ? null : (byId.get(twinPointId) ?? null);
    const twin = twinPointId === point.pointId ? null : other;
    return { point, twin, twinPointId, twinPointIndex: other?.pointIndex ?? null, tuned: null, undecided: false, from: 0 };
  });
}

function withMatchedTwins(input: TradeoffInput): Comparison[] {
  if (!input.points.some(({ matchedTwinPointId }) => matchedTwinPointId !== null))
    throw new NotComparableError('the experiment has no gain-matched twins to compare with: its specification asks for none');
  return withTwins(input, ({ matchedTwinPointId }) => matchedTwinPointId);
}

const COMPARISONS: Readonly<Record<ComparedWith, (input: TradeoffInput, runs: RunsByPoint) => readonly Comparison[]>> = {
  ideal: (input) => withTwins(input, ({ twinPointId }) => twinPointId),
  matched: withMatchedTwins,
  tuned: tunedComparisons,
};

/** @throws NotComparableError when the experiment has no such twins */
export function comparisonsOf(input: TradeoffInput, against: ComparedWith, runs: RunsByPoint): readonly Comparison[] {
  return COMPARISONS[against](input, runs);
}
