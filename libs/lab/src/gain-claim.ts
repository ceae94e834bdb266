/** The claim of a gain within a budget of extra rounds: the decision, with what must be said beside it. */
import type { Estimate, GainClaim, NewTaskEstimates, NewTaskScore, Tradeoff, TradeoffOutline, TradeoffRow } from '@airmeta/spec';
import type { ClaimPoint, ClaimRun } from './claim-run.js';
import { MOST_NAMED } from './claim-sentence.js';
import { decideInSteps } from './decide-gain-claim.js';
import { inOneGo } from './in-steps.js';
import { TWIN_WORDS, type ComparedExperiment } from './trade-off/index.js';

/** What a claim says of a row of a trade-off, and what it is decided by. */
interface ClaimedRow extends Pick<
  TradeoffRow,
  'pointId' | 'pointIndex' | 'role' | 'label' | 'twinPointId' | 'tuned' | 'runs' | 'extraRounds' | 'twinUpdateGain' | 'caveats'
> {
  readonly isPaired: boolean;
  readonly lastNewTasks: NewTaskEstimates;
  readonly gainAtTarget: NewTaskEstimates;
  readonly updateGain: Estimate | null;
}

function claimedRow(row: TradeoffRow): ClaimedRow {
  const { pointId, pointIndex, role, label, twinPointId, tuned, runs, pairs, extraRounds, twinUpdateGain, caveats } = row;
  return {
    ...{ pointId, pointIndex, role, label, twinPointId, tuned, runs, extraRounds, twinUpdateGain, caveats },
    ...{ isPaired: pairs !== null, lastNewTasks: row.newTasks.last, gainAtTarget: row.gains.target, updateGain: row.physical.updateGain },
  };
}

/** What a claim is about: the rows of a trade-off, and the score that all points are judged by. */
export interface ClaimSubject {
  readonly outline: TradeoffOutline;
  readonly rows: readonly ClaimedRow[];
  readonly score: NewTaskScore;
}

/** A swept point that is compared with another. */
type ComparedRow = ClaimedRow & { readonly twinPointId: string };

/** Twins are no claim of anybody's: one that beats another shows nothing of a channel, and would widen the intervals of those that count. */
function comparedRows(rows: readonly ClaimedRow[]): ComparedRow[] {
  return rows.filter(
    (row): row is ComparedRow => row.role === 'swept' && row.twinPointId !== null && row.twinPointId !== row.pointId && row.isPaired,
  );
}

/** What all points are judged by: accuracy, or loss when some have none. */
function scoreOf(rows: readonly ClaimedRow[]): NewTaskScore {
  const judged = comparedRows(rows).filter(({ lastNewTasks }) => lastNewTasks.loss ?? lastNewTasks.accuracy);
  return judged.length > 0 && judged.every(({ lastNewTasks }) => lastNewTasks.accuracy) ? 'accuracy' : 'loss';
}

/** In steps of a row. */
export function* claimSubject(compared: ComparedExperiment): Generator<void, ClaimSubject> {
  const { outline } = compared;
  const rows: ClaimedRow[] = [];
  for (let index = 0; index < outline.rowCount; index += ROWS_AT_ONCE) {
    for (const row of compared.rows(index, index + ROWS_AT_ONCE)) {
      rows.push(claimedRow(row));
      yield;
    }
  }
  return { outline, rows, score: scoreOf(rows) };
}

/** Rows share what is known of a twin. */
const ROWS_AT_ONCE = 200;

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
 * In steps of a point.
 * @param runs of all points, with the subject's score
 * @param budget extra rounds as a share
 */
export function* decideClaim(subject: ClaimSubject, runs: readonly ClaimRun[], budget: number): Generator<void, GainClaim> {
  const { outline, score } = subject;
  const { experimentId, name, against, tuning } = outline;
  const rows = comparedRows(subject.rows);
  const points = rows.map(({ pointId, pointIndex, label, twinPointId, runs: { total } }): ClaimPoint => ({
    ...{ pointId, pointIndex, label, replicates: total },
    againstPointId: twinPointId,
  }));
  const from = tuning?.chosenOn ?? 0;
  const judged = from === 0 ? runs : runs.filter(({ replicate }) => replicate >= from);
  // Against tuned points, a swept one without a choice: it is part of the question still.
  const undecided = subject.rows.filter(({ role, tuned }) => against === 'tuned' && role === 'swept' && tuned === null);
  const open = subject.rows.reduce((sum, row) => sum + row.runs.open, 0);
  const decision = yield* decideInSteps(points, judged, {
    ...{ score, budget, open, against: TWIN_WORDS[against] },
    undecided: undecided.map(({ label }) => label),
  });
  const rowsById = new Map(rows.map((row) => [row.pointId, row]));
  const claimed = decision.findings.flatMap((finding) => {
    const row = rowsById.get(finding.pointId);
    if (row === undefined) return [];
    const { twinPointId, extraRounds, gainAtTarget, updateGain, twinUpdateGain, caveats } = row;
    return [{ ...finding, ...{ twinPointId, score, extraRounds, updateGain, twinUpdateGain, caveats }, gainAtTarget: gainAtTarget[score] }];
  });
  return {
    ...{ experimentId, name, against, budget, compared: decision.compared, simultaneousLevel: decision.simultaneousLevel },
    verdict: decision.verdict,
    sentence: `${decision.sentence}${tuning === null ? '' : axisEndsSentence(rows, tuning.axis)}${caveatsSentence(rows)}`,
    ...{ rowCount: claimed.length, rows: claimed },
  };
}

/** What all points of a trade-off are judged by. */
export function claimScoreOf({ rows }: Tradeoff): NewTaskScore {
  return scoreOf(rows.map(claimedRow));
}

/** @param runs of all points, with the score that `claimScoreOf` names @param budget extra rounds as a share */
export function gainClaim(tradeoff: Tradeoff, runs: readonly ClaimRun[], budget: number): GainClaim {
  const rows = tradeoff.rows.map(claimedRow);
  return inOneGo(decideClaim({ outline: tradeoff, rows, score: scoreOf(rows) }, runs, budget));
}
