/**
 * Tests the claim that a worse channel buys generalization: the best gain in new-task score within a budget of extra
 * rounds, against the ideal twin, with intervals. Honest when there is none.
 */
import type { ClaimVerdict, GainClaim, GainClaimRow, Interval, Tradeoff, TradeoffRow } from '@airmeta/spec';
import { estimateOf, LEVEL } from './estimate.js';
import type { PairedBests } from './ports.js';

/**
 * Estimates, intervals and verdict from the pairs of an experiment.
 *
 * The best of m points is picked after all have been seen, and the more there are, the likelier one of them looks good by
 * chance. So every point is judged by an interval at level 1 - 0.05 / m (Bonferroni): whatever depends on whatever
 * (points share twins and draws), all m hold at once in at least 95 % of experiments, so the picked one does too. m counts
 * every point that has a twin other than itself, also those without results: it is fixed before anything is seen.
 */
export function assessGainClaim(tradeoff: Tradeoff, pairs: readonly PairedBests[], budget: number): GainClaim {
  const { experimentId, name } = tradeoff;
  const compared = tradeoff.rows.filter(({ pointId, twinPointId }) => twinPointId !== null && twinPointId !== pointId);
  const simultaneousLevel = 1 - (1 - LEVEL) / Math.max(1, compared.length);
  const byPoint = new Map<string, PairedBests[]>(compared.map(({ pointId }) => [pointId, []]));
  for (const pair of pairs) byPoint.get(pair.pointId)?.push(pair);
  const rows = compared.map((row) => rowOf(row, byPoint.get(row.pointId) ?? [], simultaneousLevel));
  const verdict = verdictOn(rows);
  const open = tradeoff.rows.reduce((sum, { runs }) => sum + runs.open, 0);
  const soFar = open === 0 ? '' : ` ${open === 1 ? '1 run has' : `${open} runs have`} not ended, so this may change.`;
  const sentence = `${sentenceOn(verdict, rows, budget)}${cutNote(rows)}${soFar}`;
  return { experimentId, name, budget, compared: rows.length, simultaneousLevel, verdict, sentence, rows };
}

function rowOf(row: TradeoffRow, pairs: readonly PairedBests[], simultaneousLevel: number): GainClaimRow {
  const { pointId, pointIndex, label, extraRounds, gains } = row;
  const score = pairs.some((pair) => pair.score === 'accuracy') ? 'accuracy' : 'loss';
  const usable = pairs.flatMap(({ best, twinBest, cut, ...pair }) =>
    best === null || pair.score !== score ? [] : [{ best, twinBest, cut, gain: best - twinBest }],
  );
  const gains95 = usable.map(({ gain }) => gain);
  return {
    ...{ pointId, pointIndex, label, score },
    twinBest: estimateOf(usable.map(({ twinBest }) => twinBest)),
    best: estimateOf(usable.map(({ best }) => best)),
    gain: estimateOf(gains95),
    simultaneous: intervalOf(gains95, simultaneousLevel),
    relativeGain: estimateOf(usable.filter(({ twinBest }) => twinBest > 0).map(({ gain, twinBest }) => gain / twinBest)),
    extraRounds,
    gainAtTarget: gains.target[score],
    cut: usable.filter(({ cut }) => cut).length,
  };
}

function intervalOf(values: readonly number[], level: number): Interval | null {
  const estimate = estimateOf(values, level);
  return estimate?.low == null || estimate.high === null ? null : { low: estimate.low, high: estimate.high };
}

/** The simultaneous interval with better on the right: of loss, less is better. */
function improvementOf({ score, simultaneous }: GainClaimRow): Interval | null {
  if (simultaneous === null || score === 'accuracy') return simultaneous;
  return { low: -simultaneous.high, high: -simultaneous.low };
}

function verdictOn(rows: readonly GainClaimRow[]): ClaimVerdict {
  const improvements = rows.map(improvementOf);
  if (improvements.some((interval) => interval !== null && interval.low > 0)) return 'supported';
  return rows.length > 0 && improvements.every((interval) => interval !== null && interval.high < 0) ? 'worse' : 'notShown';
}

/** A run that was too short for its budget may have missed a gain, never made one up. */
function cutNote(rows: readonly GainClaimRow[]): string {
  const pairs = rows.reduce((sum, { gain }) => sum + (gain?.n ?? 0), 0);
  const cut = rows.reduce((sum, row) => sum + row.cut, 0);
  return cut === 0 ? '' : ` In ${cut} of ${pairs} pairs the run ended before its budget of rounds did, which can hide a gain: run longer.`;
}

function sentenceOn(verdict: ClaimVerdict, rows: readonly GainClaimRow[], budget: number): string {
  const within = `within ${Number((100 * budget).toPrecision(6))} % more rounds`;
  const points = (count: number) => (count === 1 ? '1 point' : `${count} points`);
  const judged = rows.filter(({ simultaneous }) => simultaneous !== null).length;
  switch (verdict) {
    case 'supported': {
      const better = rows.filter((row) => (improvementOf(row)?.low ?? 0) > 0).map(({ label }) => label);
      const named = better.length > 5 ? `${better.slice(0, 5).join('; ')}; and ${better.length - 5} more` : better.join('; ');
      return `Supported: new tasks are solved better than by the ideal twin ${within} at ${better.length} of ${points(rows.length)} (${named}).`;
    }
    case 'worse':
      return `Worse: ${within}, ${rows.length === 1 ? 'the point solves' : `all ${rows.length} points solve`} new tasks worse than the ideal twin.`;
    case 'notShown':
      if (rows.length === 0) return 'Not shown: no point has an ideal twin to be compared with.';
      if (judged === 0)
        return 'Not shown: there is no interval yet, which takes two replicates that have completed at a point and its twin.';
      return `Not shown: no point is better than its ideal twin ${within} beyond what chance explains among ${points(rows.length)}.`;
  }
}
