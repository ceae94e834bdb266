/** The claim of a gain within a budget of extra rounds: the decision, with what must be said beside it. */
import type { GainClaim, NewTaskScore, Tradeoff, TradeoffRow } from '@airmeta/spec';
import type { ClaimPoint, ClaimRun } from './claim-run.js';
import { decideGainClaim } from './decide-gain-claim.js';
import { TWIN_WORDS } from './trade-off/index.js';

/** A point of the sweep that is compared with another one. */
type ComparedRow = TradeoffRow & { readonly twinPointId: string };

/** Twins are no claim of anybody's: one that beats another shows nothing of a channel, and would widen the intervals of those that count. */
function comparedRows({ rows }: Tradeoff): ComparedRow[] {
  return rows.filter(
    (row): row is ComparedRow => row.role === 'swept' && row.twinPointId !== null && row.twinPointId !== row.pointId && row.pairs !== null,
  );
}

/** What all points are judged by: accuracy, or loss when some have none. */
export function claimScoreOf(tradeoff: Tradeoff): NewTaskScore {
  const judged = comparedRows(tradeoff).filter(({ newTasks }) => newTasks.last.loss ?? newTasks.last.accuracy);
  return judged.length > 0 && judged.every(({ newTasks }) => newTasks.last.accuracy) ? 'accuracy' : 'loss';
}

/** Caveats that change what a gain means; divergence and missing pairs are in the decision's own sentence. */
const SAID = new Set(['updateGain', 'neverSent', 'notTuned', 'noHalves']);

/** Each caveat once, with the points that it is of. */
function caveatsSentence(rows: readonly ComparedRow[]): string {
  const byKind = new Map<string, { readonly message: string; readonly labels: string[] }>();
  for (const { label, caveats } of rows) {
    for (const { kind, message } of caveats) {
      if (!SAID.has(kind)) continue;
      const known = byKind.get(kind);
      if (known) known.labels.push(label);
      else byKind.set(kind, { message, labels: [label] });
    }
  }
  const places = (labels: readonly string[]) => (labels.length === 1 ? `At ${labels[0]}` : `At ${labels[0]} and ${labels.length - 1} more`);
  return [...byKind.values()].map(({ message, labels }) => ` ${places(labels)}: ${message}`).join('');
}

/**
 * @param runs of all points, with the score that `claimScoreOf` names
 * @param budget extra rounds as a share
 */
export function gainClaim(tradeoff: Tradeoff, runs: readonly ClaimRun[], budget: number): GainClaim {
  const { experimentId, name, against, tuning } = tradeoff;
  const score = claimScoreOf(tradeoff);
  const rows = comparedRows(tradeoff);
  const points = rows.map(({ pointId, pointIndex, label, twinPointId, runs: { total } }): ClaimPoint => ({
    ...{ pointId, pointIndex, label, replicates: total },
    againstPointId: twinPointId,
  }));
  const from = tuning?.chosenOn ?? 0;
  const judged = from === 0 ? runs : runs.filter(({ replicate }) => replicate >= from);
  const open = tradeoff.rows.reduce((sum, row) => sum + row.runs.open, 0);
  const decision = decideGainClaim(points, judged, { score, budget, open, against: TWIN_WORDS[against] });
  const rowsById = new Map(rows.map((row) => [row.pointId, row]));
  return {
    ...{ experimentId, name, against, budget, compared: decision.compared, simultaneousLevel: decision.simultaneousLevel },
    verdict: decision.verdict,
    sentence: `${decision.sentence}${caveatsSentence(rows)}`,
    rows: decision.findings.flatMap((finding) => {
      const row = rowsById.get(finding.pointId);
      if (row === undefined) return [];
      const { twinPointId, extraRounds, gains, physical, twinUpdateGain, caveats } = row;
      return [
        {
          ...finding,
          ...{ twinPointId, score, extraRounds, twinUpdateGain, caveats },
          gainAtTarget: gains.target[score],
          updateGain: physical.updateGain,
        },
      ];
    }),
  };
}
