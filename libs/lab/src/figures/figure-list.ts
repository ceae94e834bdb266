/**
 * The figures of a run: one list. A new one is a line here, and a new FIGURES_VERSION: figures of an older version are computed again from
 * the series before anybody reads them.
 */
import type { EventTime } from '@airmeta/numerics';
import { COMPARISON_BASES, type ComparisonBasis, type NewTaskScore } from '@airmeta/spec';
import type { CensoredFigure, Figure, NumberFigure } from './figure.js';
import type { FinishedRun, SeriesName } from './finished-run.js';
import { bestOf, choiceMetric, hitOf, positionAt } from './rounds.js';

/** To be raised when a figure is added, removed or defined otherwise. */
export const FIGURES_VERSION = 2;

const TRADE_OFFS = 'docs/trade-offs.md';
const ANY: readonly [number, number] = [-Infinity, Infinity];
const POSITIVE: readonly [number, number] = [0, Infinity];
const SHARE: readonly [number, number] = [0, 1];

const finite = (value: number | undefined): number | null => (value !== undefined && Number.isFinite(value) ? value : null);

/** Of a run that completed: a diverged one has no scores. */
const ofCompleted =
  (of: (run: FinishedRun) => number | null) =>
  (run: FinishedRun): number | null =>
    run.state === 'completed' ? of(run) : null;

/** A score of a round; at the best one, on the half of the new tasks that did not choose it. */
interface Score {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly direction: 'more' | 'less' | 'none';
  readonly range: readonly [number, number];
  readonly from: readonly SeriesName[];
  /** At a position of a run's series. @param judged whether new tasks are those of the half that judges */
  readonly at: (run: FinishedRun, position: number, judged: boolean) => number;
  /** The position of the best round, where it is not that of the main score. */
  readonly best?: (run: FinishedRun) => number;
}

const measured = (metric: SeriesName) => (run: FinishedRun, position: number) => run.values(metric)[position];
const halved = (metric: SeriesName, judge: SeriesName) => (run: FinishedRun, position: number, judged: boolean) =>
  run.values(judged ? judge : metric)[position];
const newTasksLoss = halved('newTasksLoss', 'newTasksJudgeLoss');
const newTasksAccuracy = halved('newTasksAccuracy', 'newTasksJudgeAccuracy');

const loss = { unit: 'nats or squared error', direction: 'less', range: POSITIVE } as const;
const accuracy = { unit: '1', direction: 'more', range: SHARE } as const;

const SCORES: readonly Score[] = [
  { ...loss, name: 'trainLoss', title: 'train loss', from: ['trainLoss'], at: measured('trainLoss') },
  { ...accuracy, name: 'trainAccuracy', title: 'train accuracy', from: ['trainAccuracy'], at: measured('trainAccuracy') },
  { ...loss, name: 'newAgentsLoss', title: 'new-agent loss', from: ['newAgentsLoss'], at: measured('newAgentsLoss') },
  { ...accuracy, name: 'newAgentsAccuracy', title: 'new-agent accuracy', from: ['newAgentsAccuracy'], at: measured('newAgentsAccuracy') },
  {
    ...{ ...loss, name: 'newTasksLoss', title: 'new-task loss', from: ['newTasksLoss', 'newTasksJudgeLoss'], at: newTasksLoss },
    best: (run) => bestOf(run, 'loss'),
  },
  {
    ...{ ...accuracy, name: 'newTasksAccuracy', title: 'new-task accuracy', from: ['newTasksAccuracy', 'newTasksJudgeAccuracy'] },
    ...{ at: newTasksAccuracy, best: (run) => bestOf(run, 'accuracy') },
  },
  {
    ...{ name: 'gapLoss', title: 'generalization gap, new-task loss - train loss', unit: loss.unit, direction: 'less', range: ANY },
    from: ['trainLoss', 'newTasksLoss', 'newTasksJudgeLoss'],
    at: (run, position, judged) => newTasksLoss(run, position, judged) - run.values('trainLoss')[position],
  },
  {
    ...{
      name: 'gapAccuracy',
      title: 'generalization gap, train accuracy - new-task accuracy',
      unit: '1',
      direction: 'less',
      range: [-1, 1],
    },
    from: ['trainAccuracy', 'newTasksAccuracy', 'newTasksJudgeAccuracy'],
    at: (run, position, judged) => run.values('trainAccuracy')[position] - newTasksAccuracy(run, position, judged),
  },
];

interface Basis {
  readonly suffix: string;
  readonly words: string;
  readonly from: readonly SeriesName[];
}

const BASES: Readonly<Record<ComparisonBasis, Basis>> = {
  last: { suffix: 'AtLast', words: 'at the last evaluated round', from: [] },
  best: {
    suffix: 'AtBest',
    words: 'at the round of the best new-task score of the half that chooses; new tasks are those of the other half',
    from: ['newTasksAccuracy', 'newTasksChoiceAccuracy', 'newTasksChoiceLoss'],
  },
  target: { suffix: 'AtTarget', words: 'at the first round whose train loss is at or under the target', from: ['trainLoss'] },
  earlyStop: { suffix: 'AtEarlyStop', words: 'at the first round of the lowest train loss', from: ['trainLoss'] },
};

/** `newTasksLoss` at `best` is `newTasksLossAtBest`. */
export function scoreAt(score: string, basis: ComparisonBasis): string {
  return `${score}${BASES[basis].suffix}`;
}

function scoreFigure({ at, best, ...score }: Score, basis: ComparisonBasis): NumberFigure {
  const { words, from } = BASES[basis];
  return {
    ...score,
    name: scoreAt(score.name, basis),
    title: `${score.title} ${words}`,
    kind: 'mean',
    definition: `The mean of the set's tasks after fine-tuning, ${words}, of a run that completed.`,
    source: TRADE_OFFS,
    from: [...new Set([...from, ...score.from])],
    aimed: basis === 'target',
    of: ofCompleted((run) => {
      const position = basis === 'best' && best ? best(run) : positionAt(basis, run);
      return position < 0 ? null : finite(at(run, position, basis === 'best'));
    }),
  };
}

const roundAt = (basis: ComparisonBasis): NumberFigure => ({
  ...{ name: `${basis}Round`, title: `the round that is meant by "${basis}"`, unit: 'rounds', direction: 'none', kind: 'mean' },
  definition: `The evaluated round ${BASES[basis].words}, of a run that completed.`,
  source: TRADE_OFFS,
  from: BASES[basis].from,
  range: POSITIVE,
  aimed: basis === 'target',
  of: ofCompleted((run) => finite(run.rounds[positionAt(basis, run)])),
});

/**
 * A quantity that grows over a run, at the time the target is reached: between its values at two evaluated rounds. A run that completed
 * without reaching it, or diverged, has not reached it up to what it would have been at the planned end.
 * @param spent the quantity at a position
 */
function toTarget(run: FinishedRun, spent: (position: number) => number, planned: number): EventTime | null {
  if (run.target === null || run.rounds.length === 0) return null;
  const hit = run.state === 'completed' ? hitOf(run) : -1;
  const time: EventTime =
    hit < 0 ? { after: planned, by: null } : hit === 0 ? { after: 0, by: 0 } : { after: spent(hit - 1), by: spent(hit) };
  return Number.isFinite(time.after) && (time.by === null || Number.isFinite(time.by)) ? time : null;
}

const censored = (part: Pick<CensoredFigure, 'name' | 'title' | 'unit' | 'definition' | 'from' | 'of'>): CensoredFigure => ({
  ...{ kind: 'censored', direction: 'less', source: TRADE_OFFS, range: POSITIVE, aimed: true },
  ...part,
});

/** Of a running total, of which a diverged run would have had more: in proportion to rounds. */
function totalToTarget(metric: SeriesName) {
  return (run: FinishedRun): EventTime | null => {
    const totals = run.values(metric);
    const last = run.rounds.length - 1;
    const share = run.rounds[last] > 0 ? run.plannedRounds / run.rounds[last] : 1;
    return toTarget(run, (position) => totals[position], (totals[last] ?? NaN) * share);
  };
}

/** Mean over rounds of a metric whose records are means over the rounds since the one before. */
function meanOverRounds(metric: SeriesName) {
  return (run: FinishedRun): number | null => {
    let sum = 0;
    let rounds = 0;
    run.values(metric).forEach((value, position) => {
      const width = position === 0 ? 0 : run.rounds[position] - run.rounds[position - 1];
      if (!Number.isFinite(value) || width === 0) return;
      sum += width * value;
      rounds += width;
    });
    return rounds === 0 ? null : finite(sum / rounds);
  };
}

function areaUnder(metric: SeriesName) {
  return (run: FinishedRun): number | null => {
    const values = run.values(metric);
    let area = 0;
    for (let position = 1; position < values.length; position++)
      area += (run.rounds[position] - run.rounds[position - 1]) * ((values[position] + values[position - 1]) / 2);
    return values.length < 2 ? null : finite(area);
  };
}

const number = (
  part: Pick<NumberFigure, 'name' | 'title' | 'unit' | 'direction' | 'definition' | 'from' | 'of'> & Partial<NumberFigure>,
): NumberFigure => ({ kind: 'mean', source: TRADE_OFFS, range: POSITIVE, aimed: false, ...part });

/** Names of the figures that tuning chooses by: of the best round, on the half that chooses. */
export const CHOICE_FIGURES: Readonly<Record<NewTaskScore, string>> = {
  accuracy: 'newTasksChoiceAccuracyAtBest',
  loss: 'newTasksChoiceLossAtBest',
};

/** Share of its own decrease in train loss at which the ideal twin sets the target. */
const OWN_DECREASE = 0.9;

/** L_first - 0.9 (L_first - L_lowest); null when the loss has not decreased. */
function ownTarget(run: FinishedRun): number | null {
  const losses = run.values('trainLoss');
  const first = losses[0];
  const lowest = losses.reduce((least, value) => (value < least ? value : least), Infinity);
  return Number.isFinite(first) && lowest < first ? first - OWN_DECREASE * (first - lowest) : null;
}

export const FIGURES: readonly Figure[] = [
  ...SCORES.flatMap((score) => COMPARISON_BASES.map((basis) => scoreFigure(score, basis))),
  ...COMPARISON_BASES.map(roundAt),
  censored({
    ...{ name: 'roundsToTarget', title: 'rounds to target', unit: 'rounds', from: ['trainLoss'] },
    definition: 'Rounds until the train loss is at or under the target, known up to two evaluated rounds; divergence never reaches it.',
    of: (run) => toTarget(run, (position) => run.rounds[position], run.plannedRounds),
  }),
  censored({
    ...{ name: 'channelUsesToTarget', title: 'channel uses to target', unit: 'channel uses', from: ['trainLoss', 'channelUses'] },
    definition:
      'Channel uses until the train loss is at or under the target; of a diverged run, censored at what all rounds would have taken.',
    of: totalToTarget('channelUses'),
  }),
  censored({
    ...{ name: 'energyToTarget', title: 'energy to target', unit: 'J', from: ['trainLoss', 'energyJoule'] },
    definition:
      'Energy of all agents until the train loss is at or under the target; of a diverged run, censored at what all rounds would have taken.',
    of: totalToTarget('energyJoule'),
  }),
  number({
    ...{ name: 'ownTarget', title: 'train loss at 90 % of its own decrease', unit: loss.unit, direction: 'none', from: ['trainLoss'] },
    definition: 'L_first - 0.9 (L_first - L_lowest) over the run’s evaluated rounds: the target of runs whose ideal twin this is.',
    of: ofCompleted(ownTarget),
  }),
  number({
    ...{ name: 'plannedRounds', title: 'planned rounds', unit: 'rounds', direction: 'none', from: [] },
    definition: 'The last round that was planned: where what has not been reached is censored.',
    of: ({ plannedRounds }) => plannedRounds,
  }),
  number({
    ...{ name: 'targetTrainLoss', title: 'target train loss', unit: loss.unit, direction: 'none', from: [], aimed: true, range: ANY },
    definition: 'Train loss that counts as converged: that of the specification, or ownTarget of the ideal twin of the same replicate.',
    of: ({ target }) => target,
  }),
  ...(['loss', 'accuracy'] as const).map((score) =>
    number({
      ...{ loss, accuracy }[score],
      ...{ name: CHOICE_FIGURES[score], title: `best new-task ${score} of the half that chooses`, from: [choiceMetric(score)] },
      definition: 'The best mean over new tasks at even positions of any evaluated round, of a run that completed: what tuning chooses by.',
      of: ofCompleted((run) => finite(run.values(choiceMetric(score))[bestOf(run, score)])),
    }),
  ),
  number({
    ...{ name: 'trainLossArea', title: 'area under the train loss', unit: 'loss x rounds', direction: 'less', from: ['trainLoss'] },
    definition: 'Sum of trapezoids under the train loss over evaluated rounds, of a run that completed.',
    of: ofCompleted(areaUnder('trainLoss')),
  }),
  number({
    ...{ name: 'updateGain', title: 'update gain', unit: '1', direction: 'none', from: ['updateGain'], range: ANY },
    definition: 'c = <update, mean change> / ||mean change||^2, on average over rounds: by what the update was multiplied on its way.',
    of: meanOverRounds('updateGain'),
  }),
  number({
    ...{ name: 'misalignment', title: 'misalignment', unit: '1', direction: 'less', from: ['misalignment'] },
    definition: '||update - c mean change||^2 / ||mean change||^2, on average over rounds.',
    of: meanOverRounds('misalignment'),
  }),
  number({
    ...{ name: 'aggregationNmse', title: 'aggregation NMSE', unit: '1', direction: 'less', from: ['aggregationNmse'] },
    definition: '||update - mean change||^2 / ||mean change||^2, on average over rounds.',
    of: meanOverRounds('aggregationNmse'),
  }),
  number({
    ...{ name: 'silentAgents', title: 'silent agents', unit: '1', direction: 'less', kind: 'share', from: ['silentAgents'], range: SHARE },
    definition: 'Share of active agents that did not send, on average over rounds.',
    of: meanOverRounds('silentAgents'),
  }),
  number({
    ...{ name: 'peakPowerWatt', title: 'peak power', unit: 'W', direction: 'less', from: ['peakPowerWatt'] },
    definition: 'Highest power of any agent in any round.',
    of: ({ values }) => finite(values('peakPowerWatt').reduce((most, value) => (value > most ? value : most), -Infinity)),
  }),
  number({
    ...{ name: 'energyJoule', title: 'energy', unit: 'J', direction: 'less', from: ['energyJoule'] },
    definition: 'Energy of all agents over the run.',
    of: ofCompleted(({ values }) => finite(values('energyJoule').at(-1))),
  }),
  number({
    ...{ name: 'channelUses', title: 'channel uses', unit: 'channel uses', direction: 'less', from: ['channelUses'] },
    definition: 'Channel uses over the run.',
    of: ofCompleted(({ values }) => finite(values('channelUses').at(-1))),
  }),
  number({
    ...{
      name: 'reachedTarget',
      title: 'reached the target',
      unit: '1',
      direction: 'more',
      kind: 'share',
      from: ['trainLoss'],
      range: SHARE,
    },
    definition: '1 when the run completed and its train loss was at or under the target, else 0.',
    aimed: true,
    of: (run) => (run.target === null ? null : run.state === 'completed' && hitOf(run) >= 0 ? 1 : 0),
  }),
  number({
    ...{ name: 'diverged', title: 'diverged', unit: '1', direction: 'less', kind: 'share', from: [], range: SHARE },
    definition: '1 when the run diverged, 0 when it completed.',
    of: ({ state }) => (state === 'diverged' ? 1 : 0),
  }),
];
