/** One run as a picture: a small panel for every metric it has, over its evaluated rounds. */
import type { MetricName } from '@airmeta/spec';
import type { TopLevelSpec } from 'vega-lite';
import { emptyFigure, figureFrame, PANEL_TITLE } from './figure-frame.js';

/** One metric of a run; `values[i]` is of `rounds[i]`, null where it does not apply. */
export interface MetricValues {
  readonly metric: MetricName;
  readonly rounds: readonly number[];
  readonly values: readonly (number | null)[];
}

interface Panel {
  readonly title: string;
  /** What it is, with its unit. */
  readonly hint: string;
  readonly format: string;
  readonly scale?: 'log';
}

const PLAIN = '~f';
const SHARE = '.0%';

const PANELS: Readonly<Record<MetricName, Panel>> = {
  trainLoss: { title: 'train loss', hint: 'training tasks’ held-out queries', format: PLAIN },
  trainAccuracy: { title: 'train accuracy', hint: 'training tasks’ held-out queries', format: SHARE },
  newAgentsLoss: { title: 'new-agent loss', hint: 'unseen agents, training environment', format: PLAIN },
  newAgentsAccuracy: { title: 'new-agent accuracy', hint: 'unseen agents, training environment', format: SHARE },
  newTasksLoss: { title: 'new-task loss', hint: 'unseen classes', format: PLAIN },
  newTasksAccuracy: { title: 'new-task accuracy', hint: 'unseen classes', format: SHARE },
  gapLoss: { title: 'gap, loss', hint: 'new-task loss − train loss', format: PLAIN },
  gapAccuracy: { title: 'gap, accuracy', hint: 'train − new-task accuracy', format: SHARE },
  aggregationNmse: { title: 'aggregation NMSE', hint: 'against the ideal mean; log scale', format: '~g', scale: 'log' },
  decodingNmse: { title: 'decoding NMSE', hint: 'against what was sent; log scale', format: '~g', scale: 'log' },
  receivedSnrDb: { title: 'received SNR [dB]', hint: 'realised, at the receiver', format: PLAIN },
  peakPowerWatt: { title: 'peak power [W]', hint: 'largest of any agent', format: PLAIN },
  silentAgents: { title: 'silent agents', hint: 'share of active agents that did not send', format: SHARE },
  memoryNorm: { title: 'memory norm', hint: 'error feedback kept by agents', format: PLAIN },
  channelUses: { title: 'channel uses', hint: 'so far', format: '~s' },
  energyJoule: { title: 'energy [J]', hint: 'so far, all agents', format: '~s' },
  averagePowerWatt: { title: 'average power [W]', hint: 'so far, largest of any agent', format: PLAIN },
  energyShare: { title: 'energy share', hint: 'spent of what was allowed, so far', format: SHARE },
  updateGain: { title: 'update gain', hint: 'step along the ideal mean; 1 is all of it', format: PLAIN },
  misalignment: { title: 'misalignment', hint: 'update across the ideal mean; log scale', format: '~g', scale: 'log' },
  newTasksChoiceLoss: { title: 'new-task loss, choice', hint: 'the half that chooses rounds', format: PLAIN },
  newTasksChoiceAccuracy: { title: 'new-task accuracy, choice', hint: 'the half that chooses rounds', format: SHARE },
  newTasksJudgeLoss: { title: 'new-task loss, judge', hint: 'the half that judges them', format: PLAIN },
  newTasksJudgeAccuracy: { title: 'new-task accuracy, judge', hint: 'the half that judges them', format: SHARE },
};

const COLUMNS = 3;
const WIDTH = 250;
const HEIGHT = 120;
/** Room for titles and the numbers of axes. */
const SPACING = { row: 84, column: 56 };
const COLOUR = '#0072B2';
/** A run of many evaluated rounds is drawn through as many of them, evenly spaced: more than pixels. */
const MOST_VALUES = 1_000;

interface Value {
  readonly round: number;
  readonly value: number;
}

function valuesOf({ rounds, values }: MetricValues, panel: Panel): Value[] {
  const step = Math.ceil(rounds.length / MOST_VALUES);
  return rounds.flatMap((round, index) => {
    const value = values[index];
    const shown = index % step === 0 || index === rounds.length - 1;
    return shown && value !== null && Number.isFinite(value) && !(panel.scale === 'log' && value <= 0) ? [{ round, value }] : [];
  });
}

function panelFigure(panel: Panel, values: readonly Value[]) {
  const few = values.length <= 30;
  return {
    title: { ...PANEL_TITLE, text: panel.title, subtitle: panel.hint },
    width: WIDTH,
    height: HEIGHT,
    data: { values },
    mark: { type: 'line', stroke: COLOUR, strokeWidth: 1.8, ...(few ? { point: { fill: COLOUR, size: 22 } } : {}) },
    encoding: {
      x: {
        field: 'round',
        type: 'quantitative',
        title: 'round',
        axis: { format: '~s', tickCount: 5, grid: false, titleFontWeight: 'normal' },
      },
      y: {
        field: 'value',
        type: 'quantitative',
        title: null,
        scale: { nice: true, ...(panel.scale ? { type: panel.scale } : { zero: false }) },
        axis: { format: panel.format, tickCount: 4 },
      },
    },
  };
}

/** A Vega-Lite specification: a panel for every metric that has a finite value, in the order of the metrics' list. */
export function runFigure(name: string, series: readonly MetricValues[]): TopLevelSpec {
  const panels = series.flatMap((metric) => {
    const panel = PANELS[metric.metric];
    const values = valuesOf(metric, panel);
    return values.length > 0 ? [panelFigure(panel, values)] : [];
  });
  const figure =
    panels.length === 0
      ? emptyFigure(['no round has been evaluated yet'])
      : { concat: panels, columns: COLUMNS, bounds: 'flush', spacing: SPACING };
  return { ...figureFrame(name, []), ...figure } as TopLevelSpec;
}
