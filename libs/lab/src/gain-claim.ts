/** The claim of a gain within a budget of extra rounds: the decision, with what must be said beside it. */
import type { GainClaim, NewTaskScore, Tradeoff, TradeoffRow } from '@airmeta/spec';
import type { ClaimPoint, ClaimRun } from './claim-run.js';
import { MOST_NAMED } from './claim-sentence.js';
import { decideGainClaim } from './decide-gain-claim.js';
import { TWIN_WORDS } from './trade-off/index.js';

/** A swept point that is compared with another. */
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

/** Caveats that change what a gain means; divergence, missing pairs and tuning are in the sentence already. */
const SAID = new Set(['updateGain', 'neverSent', 'noHalves']);

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
  const others = (count: number) => (count === 0 ? '' : ` The like holds at ${count} more ${count === 1 ? 'point' : 'points'}.`);
  return [...byKind.values()].map(({ message, labels }) => ` At ${labels[0]}: ${message}${others(labels.length - 1)}`).join('');
}

/** Where the value that tuning chose is the last that was tried. */
function axisEndsSentence(rows: readonly ComparedRow[], axis: string): string {
  const atEnd = rows.filter(({ tuned }) => tuned?.atEnd || tuned?.twinAtEnd);
  if (atEnd.length === 0) return '';
  const values = atEnd.slice(0, MOST_NAMED).map(({ label, tuned }) => {
    const own = tuned?.atEnd ? [`the point at ${JSON.stringify(tuned.value)}`] : [];
    const twins = tuned?.twinAtEnd ? [`the twin at ${JSON.stringify(tuned.twinValue)}`] : [];
    return `${label} (${[...own, ...twins].join(', ')})`;
  });
  const more = atEnd.length - values.length;
  const others = more > 0 ? `; and ${more} more` : '';
  return ` The best value of ${axis} is at the end of its axis, and a better one may lie beyond: ${values.join('; ')}${others}.`;
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
  // Against tuned points, a swept one without a choice: it is part of the question still.
  const undecided = tradeoff.rows.filter(({ role, tuned }) => against === 'tuned' && role === 'swept' && tuned === null);
  const open = tradeoff.rows.reduce((sum, row) => sum + row.runs.open, 0);
  const decision = decideGainClaim(points, judged, {
    ...{ score, budget, open, against: TWIN_WORDS[against] },
    undecided: undecided.map(({ label }) => label),
  });
  const rowsById = new Map(rows.map((row) => [row.pointId, row]));
  return {
    ...{ experimentId, name, against, budget, compared: decision.compared, simultaneousLevel: decision.simultaneousLevel },
    verdict: decision.verdict,
    sentence: `${decision.sentence}${tuning === null ? '' : axisEndsSentence(rows, tuning.axis)}${caveatsSentence(rows)}`,
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
