import { METRIC_NAMES } from '@airmeta/spec';
import { describe, expect, it } from 'vitest';
import { FIGURES, scoreAt } from './figure-list.js';
import { finishedRun, type FinishedRun, type SeriesName } from './finished-run.js';
import { FIGURE_METRICS, figureNamed, figurePosition, storedFigures } from './stored-figures.js';

const ROUNDS = [0, 10, 20, 30];
type Course = Partial<Record<SeriesName, readonly (number | null)[]>>;

function runOf(course: Course, parts: Partial<Pick<FinishedRun, 'state' | 'plannedRounds' | 'target'>> = {}): FinishedRun {
  const series = Object.entries(course).map(([metric, values]) => ({
    metric: metric as SeriesName,
    rounds: ROUNDS.slice(0, values.length),
    values,
  }));
  return finishedRun({ state: 'completed', plannedRounds: 30, target: 0.4, ...parts }, series);
}

const of = (run: FinishedRun, name: string) => figureNamed(name).of(run);

/** Falls to the target of 0.4 between rounds 10 and 20. */
const COURSE: Course = {
  trainLoss: [1, 0.5, 0.3, 0.35],
  trainAccuracy: [0.2, 0.5, 0.8, 0.7],
  newTasksLoss: [2, 1.5, 1, 0.9],
  newTasksAccuracy: [0.2, 0.4, 0.6, 0.5],
  newTasksChoiceLoss: [2, 1.4, 1.2, 1.3],
  newTasksJudgeLoss: [2, 1.6, 0.8, 0.5],
  newTasksChoiceAccuracy: [0.2, 0.7, 0.6, 0.7],
  newTasksJudgeAccuracy: [0.2, 0.1, 0.6, 0.3],
  channelUses: [0, 100, 200, 300],
  energyJoule: [0, 1, 2, 3],
};

describe('figures of a run', () => {
  it('are scores at the last, the best, the target and the early-stop round', () => {
    const run = runOf(COURSE);
    const at = (score: string) => (['last', 'best', 'target', 'earlyStop'] as const).map((basis) => of(run, scoreAt(score, basis)));
    // The best accuracy of the half that chooses is 0.7 at rounds 10 and 30, of which the first counts; the best loss is at round 20.
    expect(at('newTasksAccuracy')).toEqual([0.5, 0.1, 0.6, 0.6]);
    expect(at('newTasksLoss')).toEqual([0.9, 0.8, 1, 1]);
    expect(at('trainLoss')).toEqual([0.35, 0.5, 0.3, 0.3]);
    expect(at('gapAccuracy').map((gap) => Number((gap as number).toFixed(12)))).toEqual([0.2, 0.4, 0.2, 0.2]);
    expect(at('gapLoss').map((gap) => Number((gap as number).toFixed(12)))).toEqual([0.55, 1.1, 0.7, 0.7]);
    expect(['last', 'best', 'target', 'earlyStop'].map((basis) => of(run, `${basis}Round`))).toEqual([30, 10, 20, 20]);
  });

  it('choose and judge on different halves: without halves there is no best round', () => {
    const { newTasksChoiceLoss: _, newTasksChoiceAccuracy: __, newTasksJudgeLoss: ___, newTasksJudgeAccuracy: ____, ...old } = COURSE;
    const run = runOf(old);
    expect([of(run, 'newTasksAccuracyAtBest'), of(run, 'newTasksLossAtBest'), of(run, 'bestRound')]).toEqual([null, null, null]);
    expect(of(run, 'newTasksAccuracyAtLast')).toBe(0.5);
  });

  it('in regression, the best round is that of the lowest loss of the half that chooses', () => {
    const run = runOf({ ...COURSE, newTasksAccuracy: [null, null, null, null], newTasksChoiceAccuracy: [null, null, null, null] });
    expect([of(run, 'bestRound'), of(run, 'newTasksLossAtBest'), of(run, 'newTasksAccuracyAtBest')]).toEqual([20, 0.8, null]);
  });

  it('know a time to target up to two evaluated rounds', () => {
    const run = runOf(COURSE);
    expect(of(run, 'roundsToTarget')).toEqual({ after: 10, by: 20 });
    expect(of(run, 'channelUsesToTarget')).toEqual({ after: 100, by: 200 });
    expect(of(run, 'energyToTarget')).toEqual({ after: 1, by: 2 });
    expect(of(run, 'reachedTarget')).toBe(1);
    expect(of(runOf(COURSE, { target: 1 }), 'roundsToTarget')).toEqual({ after: 0, by: 0 });
  });

  it('censor at the planned last round what was not reached', () => {
    const run = runOf(COURSE, { target: 0.2 });
    expect(of(run, 'roundsToTarget')).toEqual({ after: 30, by: null });
    expect(of(run, 'channelUsesToTarget')).toEqual({ after: 300, by: null });
    expect([of(run, 'reachedTarget'), of(run, 'trainLossAtTarget'), of(run, 'targetRound')]).toEqual([0, null, null]);
  });

  it('let no diverged run arrive, wherever it has been before', () => {
    const run = runOf({ ...COURSE, trainLoss: [1, 0.3, Infinity, NaN] }, { state: 'diverged', plannedRounds: 60 });
    expect(of(run, 'roundsToTarget')).toEqual({ after: 60, by: null });
    // 300 uses in the 30 rounds it had, 600 in all that were planned.
    expect(of(run, 'channelUsesToTarget')).toEqual({ after: 600, by: null });
    expect([of(run, 'diverged'), of(run, 'reachedTarget'), of(run, 'newTasksAccuracyAtLast'), of(run, 'ownTarget')]).toEqual([
      1,
      0,
      null,
      null,
    ]);
  });

  it('have no time without a target', () => {
    const run = runOf(COURSE, { target: null });
    expect([of(run, 'roundsToTarget'), of(run, 'reachedTarget'), of(run, 'targetRound')]).toEqual([null, null, null]);
  });

  it('are 90 % of the way from the first to the lowest train loss where a run sets a target', () => {
    expect(of(runOf(COURSE), 'ownTarget')).toBeCloseTo(1 - 0.9 * 0.7, 12);
    expect(of(runOf({ trainLoss: [1, 1, 1.5] }), 'ownTarget')).toBeNull();
    expect(of(runOf({ trainLoss: [NaN, 1] }), 'ownTarget')).toBeNull();
  });

  it('are areas, totals, peaks, and means over rounds rather than records', () => {
    const course = { ...COURSE, updateGain: [null, 0.4, 0.5, 0.6], peakPowerWatt: [null, 2, 5, 1], silentAgents: [null, 1, 1, 1] };
    const series = Object.entries(course).map(([metric, values]) => ({ metric: metric as SeriesName, rounds: [0, 10, 20, 60], values }));
    const run = finishedRun({ state: 'completed', plannedRounds: 60, target: null }, series);
    expect(of(run, 'trainLossArea')).toBeCloseTo(10 * 0.75 + 10 * 0.4 + 40 * 0.325, 12);
    expect(of(run, 'updateGain')).toBeCloseTo((10 * 0.4 + 10 * 0.5 + 40 * 0.6) / 60, 12);
    expect([of(run, 'peakPowerWatt'), of(run, 'energyJoule'), of(run, 'silentAgents'), of(run, 'misalignment')]).toEqual([5, 3, 1, null]);
  });

  it('leave out the first rounds of a metric that an earlier version did not record', () => {
    const run = finishedRun({ state: 'completed', plannedRounds: 30, target: null }, [
      { metric: 'trainLoss', rounds: ROUNDS, values: [1, 0.5, 0.3, 0.2] },
      { metric: 'updateGain', rounds: [20, 30], values: [0.5, 0.7] },
    ]);
    expect(run.values('updateGain')).toEqual([NaN, NaN, 0.5, 0.7]);
    expect(of(run, 'updateGain')).toBeCloseTo(0.6, 12);
  });

  it('of a run without records are nothing', () => {
    const run = finishedRun({ state: 'diverged', plannedRounds: 30, target: 0.4 }, []);
    expect(storedFigures(run).filter((value) => value !== null)).toEqual([30, 0.4, 0, 1]); // planned rounds, target, reached, diverged
  });
});

describe('the list of figures', () => {
  it('has unique names, and series that are recorded', () => {
    const names = FIGURES.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const recorded = new Set<string>([...METRIC_NAMES, 'updateGain', 'misalignment']);
    expect(FIGURE_METRICS.filter((metric) => !recorded.has(metric))).toEqual([]);
  });

  it('stores each where its position says, censored ones in two numbers', () => {
    const run = runOf(COURSE);
    const stored = storedFigures(run);
    for (const figure of FIGURES) {
      const position = figurePosition(figure.name);
      if (figure.kind === 'censored') {
        const time = figure.of(run);
        expect(stored.slice(position, position + 2)).toEqual([time?.after ?? null, time?.by ?? null]);
      } else expect(stored[position]).toBe(figure.of(run));
    }
    expect(() => figurePosition('beauty')).toThrow('there is no figure "beauty"');
  });

  it('computes each figure from the series it names and no other', () => {
    const full = runOf({ ...COURSE, updateGain: [null, 1, 1, 1], misalignment: [null, 1, 1, 1], aggregationNmse: [null, 1, 1, 1] });
    for (const figure of FIGURES) {
      const asked = new Set<SeriesName>();
      const watched = { ...full, values: (metric: SeriesName) => (asked.add(metric), full.values(metric)) };
      figure.of(watched);
      expect([figure.name, [...asked].filter((metric) => !figure.from.includes(metric))]).toEqual([figure.name, []]);
    }
  });
});
