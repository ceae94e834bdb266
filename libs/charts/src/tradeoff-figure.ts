/** The trade-off as a picture: one line per point, cost on the left, what it bought to the right. */
import type { BracketedEstimate, Estimate, Tradeoff, TradeoffRow } from '@airmeta/spec';
import type { TopLevelSpec } from 'vega-lite';
import { emptyFigure, figureFrame, INK, PANEL_TITLE } from './figure-frame.js';
import { lineLabels } from './line-labels.js';
import { isClassification } from './score-of.js';

type Drawn = Pick<Estimate, 'mean' | 'low' | 'high' | 'n'>;

interface Panel {
  readonly title: string;
  /** How to read it. */
  readonly hint: string;
  readonly of: (row: TradeoffRow) => Drawn | null;
  readonly format: string;
  /** Whether the axis must show zero. */
  readonly zero: boolean;
  /** A rule to compare with: zero, or the ideal twin's mean where all points share one. */
  readonly rule: 'zero' | 'twin';
  /** Whether runs may never have reached the target. */
  readonly censored?: true;
}

interface Mark {
  readonly point: string;
  readonly kind: string;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly note: string;
}

const KINDS = ['swept point', 'ideal twin'];
/** Blue and vermilion of the Okabe-Ito palette: told apart with any colour vision, and by shape besides. */
const COLOURS = ['#0072B2', '#D55E00'];
const SHAPES = ['circle', 'diamond'];

function panelsOf(tradeoff: Tradeoff): Panel[] {
  const rounds: Panel = {
    ...{ title: 'rounds to target', hint: 'fewer is cheaper' },
    ...{
      of: ({ roundsToTarget: { restrictedMean, n } }) => middleOf(restrictedMean, n),
      format: '~s',
      zero: true,
      rule: 'twin',
      censored: true,
    },
  };
  const gap: Panel = {
    ...{ title: 'generalization gap', hint: 'new-task loss − train loss' },
    ...{ of: (row) => row.gapLoss, format: '~f', zero: false, rule: 'twin' },
  };
  const measured: Panel[] = isClassification(tradeoff)
    ? [
        {
          ...{ title: 'new-task accuracy', hint: 'more is better' },
          ...{ of: (row) => row.newTasks.last.accuracy, format: '.0%', zero: false, rule: 'twin' },
        },
        {
          ...{ title: 'accuracy − ideal twin’s', hint: 'points, same seeds; right is better' },
          ...{ of: (row) => scaled(row.gains.last.accuracy, 100), format: '+~f', zero: true, rule: 'zero' },
        },
      ]
    : [
        {
          ...{ title: 'new-task loss', hint: 'less is better' },
          ...{ of: (row) => row.newTasks.last.loss, format: '~f', zero: false, rule: 'twin' },
        },
        {
          ...{ title: 'loss − ideal twin’s', hint: 'same seeds; left is better' },
          ...{ of: (row) => row.gains.last.loss, format: '+~f', zero: true, rule: 'zero' },
        },
      ];
  return [rounds, ...measured, gap];
}

/** The middle of a bracket, with the interval around it. */
function middleOf(bracket: BracketedEstimate | null, n: number): Drawn | null {
  if (!bracket || bracket.atMost === null) return null;
  return { mean: (bracket.atLeast + bracket.atMost) / 2, low: bracket.low, high: bracket.high, n };
}

function scaled(estimate: Drawn | null, factor: number): Drawn | null {
  if (!estimate) return null;
  const { mean, low, high, n } = estimate;
  return { mean: factor * mean, low: low === null ? null : factor * low, high: high === null ? null : factor * high, n };
}

function kindOf({ role }: TradeoffRow): string {
  return KINDS[role === 'twin' ? 1 : 0];
}

function marksOf(rows: readonly TradeoffRow[], labels: readonly string[], panel: Panel): Mark[] {
  return rows.flatMap((row, index): Mark[] => {
    const estimate = panel.of(row);
    if (!estimate) return [];
    const { mean, low, high, n } = estimate;
    const never = panel.censored ? row.roundsToTarget.censored + row.roundsToTarget.diverged : 0;
    const interval = low === null || high === null ? 'no interval' : `95 % interval ${low.toPrecision(4)} to ${high.toPrecision(4)}`;
    const note = `${row.label}: ${mean.toPrecision(4)}, ${interval}, n = ${n}${never > 0 ? `, ${never} never reached the target` : ''}`;
    return [{ point: labels[index], kind: kindOf(row), mean, low: low ?? mean, high: high ?? mean, note }];
  });
}

/** `3 of 3`, `2 of 3, 1 diverged`. */
function runsOf({ runs }: TradeoffRow): string {
  return `${runs.completed} of ${runs.total}${runs.diverged > 0 ? `, ${runs.diverged} diverged` : ''}`;
}

function subtitleOf({ rows, targetTrainLoss }: Tradeoff): string[] {
  const target = targetTrainLoss === null ? '90 % of the ideal twin’s own decrease in train loss' : `train loss ${targetTrainLoss}`;
  const lines = [`mean and 95 % t-interval over completed runs, at the last round; target: ${target}`];
  const censored = rows.reduce((sum, { roundsToTarget }) => sum + roundsToTarget.censored + roundsToTarget.diverged, 0);
  if (censored > 0) {
    const runs = censored === 1 ? '1 run never reached the target' : `${censored} runs never reached the target`;
    lines.push(`rounds to target: mean of the rounds spent by the planned last one; ${runs}`);
  }
  return lines;
}

/** Where a panel's estimates are compared with; undefined where several twins stand for several values. */
function ruleAt(panel: Panel, marks: readonly Mark[]): number | undefined {
  if (panel.rule === 'zero') return marks.length > 0 ? 0 : undefined;
  const twins = marks.filter(({ kind }) => kind === KINDS[1]);
  return twins.length === 1 ? twins[0].mean : undefined;
}

const STEP = 25;
/** Letters of 11 pixels are on average less wide than this. */
const LETTER_WIDTH = 5.6;

function yOf(labels: readonly string[]) {
  const axis = { labels: false, ticks: false, domain: false, grid: true };
  return { field: 'point', type: 'nominal', sort: labels, title: null, scale: { domain: labels }, axis };
}

function panelFigure(panel: Panel, rows: readonly TradeoffRow[], labels: readonly string[]) {
  const marks = marksOf(rows, labels, panel);
  const rule = ruleAt(panel, marks);
  const x = {
    type: 'quantitative',
    title: null,
    scale: { zero: panel.zero, nice: true, padding: 8 },
    axis: { format: panel.format, tickCount: 4, labelExpr: "datum.value === 0 ? '0' : datum.label", labelFlush: false },
  };
  const y = yOf(labels);
  const legend = { title: null, orient: 'bottom', symbolSize: 80, symbolOpacity: 1, labelFontSize: 11 };
  const color = { field: 'kind', type: 'nominal', scale: { domain: KINDS, range: COLOURS }, legend };
  const shape = { field: 'kind', type: 'nominal', scale: { domain: KINDS, range: SHAPES }, legend };
  return {
    title: { ...PANEL_TITLE, text: panel.title, subtitle: panel.hint },
    width: 195,
    height: { step: STEP },
    data: { values: marks },
    layer: [
      ...(rule === undefined
        ? []
        : [
            {
              data: { values: [{ rule }] },
              mark: { type: 'rule', stroke: panel.rule === 'zero' ? INK : COLOURS[1], strokeDash: [3, 3], opacity: 0.7 },
              encoding: { x: { ...x, field: 'rule' } },
            },
          ]),
      { mark: { type: 'rule', strokeWidth: 2 }, encoding: { x: { ...x, field: 'low' }, x2: { field: 'high' }, y, color } },
      { mark: { type: 'tick', thickness: 2, size: 8 }, encoding: { x: { ...x, field: 'low' }, y, color } },
      { mark: { type: 'tick', thickness: 2, size: 8 }, encoding: { x: { ...x, field: 'high' }, y, color } },
      {
        mark: { type: 'point', filled: true, size: 85, opacity: 1 },
        encoding: { x: { ...x, field: 'mean' }, y, color, shape, tooltip: { field: 'note' } },
      },
    ],
  };
}

/** A column of words, one per line; its width is estimated because there is nothing to measure text with. */
function wordsFigure(labels: readonly string[], words: readonly string[], title: object) {
  const longest = Math.max(...words.map((word) => word.length));
  return {
    title: { ...PANEL_TITLE, ...title },
    width: LETTER_WIDTH * longest,
    height: { step: STEP },
    view: { stroke: null },
    data: { values: words.map((word, index) => ({ point: labels[index], word })) },
    mark: { type: 'text', align: 'left', fontSize: 11, color: INK },
    encoding: { x: { value: 0 }, y: { ...yOf(labels), axis: null }, text: { field: 'word' } },
  };
}

/**
 * A Vega-Lite specification of the trade-off: markers are means over replicates, bars 95 % t-intervals, the dashed line
 * is the ideal twin where all points share one. Rounds to target are restricted means: those spent by the planned last round.
 * Differences are paired: point - twin of the same seed.
 */
export function tradeoffFigure(tradeoff: Tradeoff): TopLevelSpec {
  const { rows, name } = tradeoff;
  const panels = panelsOf(tradeoff);
  const labels = lineLabels(rows.map(({ label }) => label));
  const empty = !rows.some((row) => panels.some(({ of }) => of(row)));
  const figure = empty
    ? emptyFigure(['no completed runs yet', `${rows.length} points, ${rows.reduce((sum, row) => sum + row.runs.total, 0)} runs`])
    : {
        hconcat: [
          wordsFigure(labels, labels, { text: 'point', subtitle: ' ' }),
          ...panels.map((panel) => panelFigure(panel, rows, labels)),
          wordsFigure(labels, rows.map(runsOf), { text: 'n', subtitle: 'completed runs' }),
        ],
        bounds: 'flush',
      };
  return {
    ...figureFrame(name, subtitleOf(tradeoff)),
    resolve: { legend: { color: 'shared', shape: 'shared' } },
    ...figure,
  } as TopLevelSpec;
}
