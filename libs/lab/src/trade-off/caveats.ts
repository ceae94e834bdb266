/** What must be said together with a comparison. */
import {
  COMPARISON_BASES,
  type Caveat,
  type CaveatKind,
  type ComparedWith,
  type ComparisonBasis,
  type ExtraRounds,
  type PairCounts,
  type PointRole,
  type PointRuns,
  type RoundsToTarget,
  type TradeoffRow,
} from '@airmeta/spec';

/** Quantities that differ by more than this share are said to differ. */
const NOTABLE = 0.1;

/** The twin in a sentence. */
export const TWIN_WORDS: Readonly<Record<ComparedWith, string>> = {
  ideal: 'the ideal twin',
  matched: 'the gain-matched twin',
  tuned: 'the tuned ideal twin',
};

const caveat = (kind: CaveatKind, message: string): Caveat => ({ kind, message });
const counted = (count: number, one: string, many: string) => (count === 1 ? `1 ${one}` : `${count} ${many}`);
const figure = (value: number) => String(Number(value.toPrecision(3)));

const sentenceStart = (words: string) => `${words[0].toUpperCase()}${words.slice(1)}`;

function differs(value: number, other: number): boolean {
  return Math.abs(value - other) > NOTABLE * Math.min(Math.abs(value), Math.abs(other));
}

/** What is known of one row, its twin and their pairs. */
export interface RowFacts {
  readonly against: ComparedWith;
  /** The axis of which point and twin have their own best value; null where nothing is tuned. */
  readonly tunedAxis: string | null;
  readonly runs: PointRuns;
  readonly pairs: PairCounts | null;
  readonly roundsToTarget: RoundsToTarget;
  readonly extraRounds: ExtraRounds | null;
  readonly physical: TradeoffRow['physical'];
  readonly twinPhysical: TradeoffRow['physical'] | null;
  readonly gains: TradeoffRow['gains'];
  readonly newTasks: TradeoffRow['newTasks'];
  readonly undecided: boolean;
  readonly tuned: TradeoffRow['tuned'];
  /** Runs in which no agent ever sent, and runs that have a count of silent agents. */
  readonly neverSent: number;
  readonly runsWithUplink: number;
}

/** With its own best step on either side, another gain is no other length of step. */
const STEP_AXIS = 'meta.metaStep';

function updateGainCaveats({ against, tunedAxis, pairs, physical, twinPhysical }: RowFacts): Caveat[] {
  if (pairs === null || pairs.completed === 0 || twinPhysical === null) return [];
  const [own, other] = [physical.updateGain, twinPhysical.updateGain];
  const stepIsTuned = tunedAxis === STEP_AXIS;
  if (own === null || other === null) {
    const what = stepIsTuned ? `each side's own ${STEP_AXIS} was tuned` : 'a difference may be that of another step size as well';
    return [caveat('updateGain', `The update gain was not recorded: ${what}.`)];
  }
  if (!differs(own.mean, other.mean)) return [];
  const arrives = `The update arrives multiplied by ${figure(own.mean)} on average, that of ${TWIN_WORDS[against]} by ${figure(other.mean)}`;
  const size = Math.abs(own.mean) < Math.abs(other.mean) ? 'smaller' : 'larger';
  const what = stepIsTuned ? `each side's own ${STEP_AXIS} was tuned` : `a difference is that of a ${size} step as well`;
  return [caveat('updateGain', `${arrives}: ${what}.`)];
}

function divergenceCaveats({ runs: { diverged }, pairs, against }: RowFacts): Caveat[] {
  const twinDiverged = pairs?.twinDiverged ?? 0;
  return [
    ...(diverged === 0
      ? []
      : [
          caveat(
            'diverged',
            `${counted(diverged, 'run diverged: it never reaches', 'runs diverged: they never reach')} a target, and scores and gains are of the others only.`,
          ),
        ]),
    ...(twinDiverged === 0
      ? []
      : [caveat('diverged', `${counted(twinDiverged, 'pair is', 'pairs are')} left out because ${TWIN_WORDS[against]} diverged.`)]),
  ];
}

function censoringCaveats({ roundsToTarget }: RowFacts): Caveat[] {
  const { censored, horizon } = roundsToTarget;
  if (censored === 0) return [];
  return [
    caveat('censored', `${counted(censored, 'run had', 'runs had')} not reached the target by round ${horizon}, the planned last one.`),
  ];
}

const SCORES = ['accuracy', 'loss'] as const;

/** At which round runs are judged. */
const BASIS_WORDS: Readonly<Record<ComparisonBasis, string>> = {
  last: 'at the last round',
  best: 'at the best round',
  target: 'at equal train loss',
  earlyStop: 'at the early stop',
};

/** Names the quantity of the most values that lie apart. */
function tailCaveats({ gains, newTasks }: RowFacts): Caveat[] {
  const scored = [
    { what: 'the gain in', scores: gains },
    { what: 'new-task', scores: newTasks },
  ];
  const [worst] = scored
    .flatMap(({ what, scores }) =>
      COMPARISON_BASES.flatMap((basis) =>
        SCORES.map((score) => ({ where: `${what} ${score}, ${BASIS_WORDS[basis]}`, estimate: scores[basis][score] })),
      ),
    )
    .flatMap(({ where, estimate }) => (estimate?.heavyTails ? [{ where, outliers: estimate.outliers }] : []))
    .sort((one, other) => other.outliers - one.outliers);
  if (worst === undefined) return [];
  return [
    caveat(
      'heavyTails',
      `${counted(worst.outliers, 'value lies', 'values lie')} far from the others in ${worst.where}: the t interval covers less than 95 %, look at the robust mean beside it.`,
    ),
  ];
}

function halvesCaveats({ newTasks }: RowFacts): Caveat[] {
  const scored = (basis: 'last' | 'best') => newTasks[basis].accuracy?.n ?? newTasks[basis].loss?.n ?? 0;
  const lacking = scored('last') - scored('best');
  if (lacking <= 0) return [];
  return [
    caveat(
      'noHalves',
      `${counted(lacking, 'run has', 'runs have')} no halves of new tasks, of which one chooses the best round and the other judges it: ` +
        'it takes at least two new tasks, and a run of this version.',
    ),
  ];
}

function choiceCaveats({ undecided }: RowFacts): Caveat[] {
  if (!undecided) return [];
  const message =
    'Replicates that choose have no result, because they are open or have failed: nothing is chosen, and nothing is compared.';
  return [caveat('notTuned', message)];
}

function axisEndCaveats({ tuned, tunedAxis }: RowFacts): Caveat[] {
  const atEnd = [
    ...(tuned?.atEnd ? [`the point at ${JSON.stringify(tuned.value)}`] : []),
    ...(tuned?.twinAtEnd ? [`the twin at ${JSON.stringify(tuned.twinValue)}`] : []),
  ];
  if (atEnd.length === 0) return [];
  const message = `The best value of ${tunedAxis} is at the end of its axis, ${atEnd.join(' and ')}: a better one may lie beyond.`;
  return [caveat('tunedAtEnd', message)];
}

/** In the order of their weight. */
export function rowCaveats(facts: RowFacts): Caveat[] {
  const { pairs, neverSent, runsWithUplink } = facts;
  return [
    ...choiceCaveats(facts),
    ...(neverSent === 0
      ? []
      : [
          caveat(
            'neverSent',
            `In ${neverSent} of ${counted(runsWithUplink, 'run', 'runs')} no agent ever sent: nothing was learned from anybody.`,
          ),
        ]),
    ...updateGainCaveats(facts),
    ...axisEndCaveats(facts),
    ...divergenceCaveats(facts),
    ...censoringCaveats(facts),
    ...(pairs === null || pairs.unpaired === 0
      ? []
      : [caveat('unpaired', `${counted(pairs.unpaired, 'replicate has', 'replicates have')} no pair: one of the two runs has no result.`)]),
    ...tailCaveats(facts),
    ...halvesCaveats(facts),
  ];
}

/** Of one row, what is said of all of them is made from: means over completed runs. */
export interface PointMeans {
  readonly role: PointRole;
  /** Whether it has a twin other than itself. */
  readonly isPaired: boolean;
  readonly updateGain: number | null;
  readonly energyJoule: number | null;
  readonly channelUses: number | null;
  /** Planned last round of runs that have a target; null without any. */
  readonly horizon: number | null;
}

/** The least and the most of numbers, of which there may be more than a call takes arguments. */
function endsOf(values: readonly number[]): [least: number, most: number] {
  return values.reduce(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [Infinity, -Infinity]);
}

/** What differs between rows that are compared with each other, and between all of them and their twins. */
export function tradeoffCaveats(rows: readonly PointMeans[], against: ComparedWith, tunedAxis: string | null): Caveat[] {
  const swept = rows.filter(({ role }) => role === 'swept');
  const spread = (of: (row: PointMeans) => number | null) => {
    const means = swept.flatMap((row) => of(row) ?? []);
    const [least, most] = endsOf(means);
    return means.length > 1 && differs(least, most) ? `${figure(least)} to ${figure(most)}` : null;
  };
  const energy = spread(({ energyJoule }) => energyJoule);
  const uses = spread(({ channelUses }) => channelUses);
  const gains = spread(({ updateGain }) => updateGain);
  const horizons = rows.flatMap(({ horizon }) => horizon ?? []);
  const [shortest, longest] = endsOf(horizons);
  const steps = tunedAxis === STEP_AXIS ? `each point's own ${STEP_AXIS} was tuned` : 'they scale the steps differently';
  const spends = rows.some(({ isPaired, energyJoule, channelUses }) => isPaired && (energyJoule ?? channelUses) !== null);
  return [
    ...(gains === null ? [] : [caveat('updateGain', `Update gains differ between points, ${gains}: ${steps}.`)]),
    ...(spends
      ? [
          caveat(
            'channelUses',
            `${sentenceStart(TWIN_WORDS[against])} uses no channel: neither energy nor channel uses are equal to a point's.`,
          ),
        ]
      : []),
    ...(energy === null ? [] : [caveat('energy', `Points spend different energy, ${energy} J.`)]),
    ...(uses === null ? [] : [caveat('channelUses', `Points take different numbers of channel uses, ${uses}.`)]),
    ...(horizons.length > 0 && shortest !== longest
      ? [caveat('horizon', `Points have different planned rounds, ${shortest} to ${longest}: restricted means are over different times.`)]
      : []),
  ];
}
