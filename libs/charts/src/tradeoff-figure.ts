/** The trade-off as a picture: one line per point, cost on the left, what it bought to the right. */
import { printable, type Estimate, type Tradeoff, type TradeoffRow } from '@airmeta/spec';
import type { TopLevelSpec } from 'vega-lite';
import { caveatsInShort } from './caveat-text.js';
import { AGAINST_NAMES, targetText, tuningText } from './comparison-words.js';
import { emptyFigure, figureFrame, footnotes, INK, PANEL_TITLE } from './figure-frame.js';
import { lineLabels } from './line-labels.js';
import { commonHorizon } from './rounds-table.js';
import { isClassification } from './score-of.js';

/** What is drawn of a row in a panel; null ends are open or unknown. */
interface Drawn {
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
  /** Values far from the others: the robust figure. */
  readonly robust: number | null;
  /** Where an arrow says that some runs never arrived. */
  readonly beyond: number | null;
  /** Whether anything arrived. */
  readonly arrived: boolean;
  /** In words. */
  readonly note: string;
}

interface Panel {
  readonly title: string;
  /** How to read it. */
  readonly hint: string;
  readonly of: (row: TradeoffRow) => Drawn | null;
  readonly format: string;
  /** What the quantity can be: neither a bar nor the axis goes beyond it. */
  readonly possible: readonly [number, number];
  /** A rule to compare with: zero, or the twin's mean where all points share one. Zero is always on the axis. */
  readonly rule: 'zero' | 'twin';
}

interface Mark extends Omit<Drawn, 'low' | 'high'> {
  readonly point: string;
  readonly kind: string;
  readonly colour: string;
  readonly low: number;
  readonly high: number;
  /** Whether there is a bar to draw: a single run has none. */
  readonly hasInterval: boolean;
}

const KINDS = ['swept point', 'twin'];
/** Blue and vermilion of the Okabe-Ito palette: told apart with any colour vision, and by shape besides. */
const COLOURS = ['#0072B2', '#D55E00'];
const SHAPES = ['circle', 'diamond'];

const short = (value: number) => String(Number(value.toPrecision(4)));

function endsText(low: number | null, high: number | null): string {
  if (low === null && high === null) return 'no interval';
  return `95 % interval ${low === null ? 'without lower end' : short(low)} to ${high === null ? 'no upper end' : short(high)}`;
}

function drawnEstimate(estimate: Estimate | null, scale = 1): Drawn | null {
  if (!estimate) return null;
  const { mean, n, heavyTails, robust } = estimate;
  const [low, high] = [estimate.low, estimate.high].map((end) => (end === null ? null : scale * end));
  const value = scale * mean;
  return {
    ...{ value, low, high, beyond: null, arrived: true },
    robust: heavyTails && robust ? scale * robust.value : null,
    note: `${short(value)}, ${endsText(low, high)}, n = ${n}`,
  };
}

/** The middle of where the data pin the mean down to; an arrow at the planned last round where runs had not arrived by it. */
function drawnRounds({ roundsToTarget }: TradeoffRow): Drawn | null {
  const { n, reached, horizon, restrictedMean } = roundsToTarget;
  if (!restrictedMean || horizon === null) return null;
  const { atLeast, atMost, low, high } = restrictedMean;
  const value = atMost === null ? atLeast : (atLeast + atMost) / 2;
  return {
    ...{ value, low, high, robust: null },
    beyond: reached < n ? horizon : null,
    arrived: reached > 0,
    note: `${short(value)} rounds up to ${horizon}, ${endsText(low, high)}; ${reached} of ${n} reached the target`,
  };
}

function panelsOf(tradeoff: Tradeoff): Panel[] {
  const twin = AGAINST_NAMES[tradeoff.against];
  const horizon = commonHorizon(tradeoff);
  const rounds: Panel = {
    ...{ title: 'rounds to target', hint: horizon === undefined ? 'fewer is cheaper' : `mean, up to ${horizon}; fewer is cheaper` },
    ...{ of: drawnRounds, format: '~s', possible: [0, Infinity], rule: 'twin' },
  };
  const gap: Panel = {
    ...{ title: 'generalization gap', hint: 'new-task loss − train loss' },
    ...{ of: (row) => drawnEstimate(row.gapLoss), format: '~f', possible: [-Infinity, Infinity], rule: 'twin' },
  };
  const measured: Panel[] = isClassification(tradeoff)
    ? [
        {
          ...{ title: 'new-task accuracy', hint: 'more is better' },
          ...{ of: (row) => drawnEstimate(row.newTasks.last.accuracy), format: '.0%', possible: [0, 1], rule: 'twin' },
        },
        {
          ...{ title: `accuracy − ${twin} twin’s`, hint: 'points, same seeds; right is better' },
          ...{ of: (row) => drawnEstimate(row.gains.last.accuracy, 100), format: '+~f', possible: [-100, 100], rule: 'zero' },
        },
      ]
    : [
        {
          ...{ title: 'new-task loss', hint: 'less is better' },
          ...{ of: (row) => drawnEstimate(row.newTasks.last.loss), format: '~f', possible: [0, Infinity], rule: 'twin' },
        },
        {
          ...{ title: `loss − ${twin} twin’s`, hint: 'same seeds; left is better' },
          ...{ of: (row) => drawnEstimate(row.gains.last.loss), format: '+~f', possible: [-Infinity, Infinity], rule: 'zero' },
        },
      ];
  return [rounds, ...measured, gap];
}

function within(value: number, [least, most]: readonly [number, number]): number {
  return Math.min(most, Math.max(least, value));
}

function marksOf(rows: readonly TradeoffRow[], labels: readonly string[], { of, possible }: Panel): Mark[] {
  return rows.flatMap((row, index): Mark[] => {
    const drawn = of(row);
    if (!drawn) return [];
    const end = (value: number | null) => within(value ?? drawn.value, possible);
    const kind = row.role === 'swept' ? 0 : 1;
    return [
      {
        ...drawn,
        point: labels[index],
        kind: KINDS[kind],
        colour: COLOURS[kind],
        low: end(drawn.low),
        high: end(drawn.high),
        hasInterval: drawn.low !== null || drawn.high !== null,
        note: printable(`${row.label}: ${drawn.note}`),
      },
    ];
  });
}

/** Where an axis begins and ends: around all marks, with some room, and never beyond what is possible. */
function domainOf(marks: readonly Mark[], { possible, rule }: Panel): [number, number] {
  const values = marks.flatMap(({ low, high, beyond, robust, value }) => [
    low,
    high,
    value,
    ...((beyond ?? robust ?? null) === null ? [] : [beyond ?? robust ?? value]),
  ]);
  const all = rule === 'zero' || (possible[0] === 0 && possible[1] === Infinity) ? [0, ...values] : values;
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const room = most > least ? 0.06 * (most - least) : Math.max(1e-3, 0.1 * Math.abs(most));
  return [within(least - room, possible), within(most + room, possible)];
}

/** `3 of 3`, `2 of 3, 1 diverged`. */
function runsOf({ runs }: TradeoffRow): string {
  return `${runs.completed} of ${runs.total}${runs.diverged > 0 ? `, ${runs.diverged} diverged` : ''}`;
}

/** More lines than these make no picture, and take a browser seconds to draw. */
const MOST_DRAWN = 100;

/** A trade-off with as many points as a picture can show, and their twins. */
function drawnPart(tradeoff: Tradeoff): Tradeoff {
  const { rows } = tradeoff;
  if (rows.length <= MOST_DRAWN) return tradeoff;
  const first = rows.slice(0, MOST_DRAWN);
  const wanted = new Set(
    first.flatMap(({ pointIndex, twinPointIndex }) => [pointIndex, ...(twinPointIndex === null ? [] : [twinPointIndex])]),
  );
  return { ...tradeoff, rows: rows.filter(({ pointIndex }) => wanted.has(pointIndex)) };
}

function subtitleOf(tradeoff: Tradeoff, panels: readonly Panel[]): string[] {
  const { rows, rowCount } = tradeoff;
  const lines = [
    'mean and 95 % interval over completed runs, at the last round; differences: over pairs of completed runs',
    `rounds to target: over completed and diverged runs that have one; target: ${targetText(tradeoff)}`,
  ];
  if (rows.length < rowCount)
    lines.push(`${rows.length} of ${rowCount.toLocaleString('en')} points are drawn, and counted here; the tables have all of them`);
  const aimless = rows.reduce((sum, { roundsToTarget: { withoutTarget } }) => sum + withoutTarget, 0);
  if (aimless > 0) lines.push(`${aimless === 1 ? '1 run has' : `${aimless} runs have`} no target, and no rounds to it`);
  const never = rows.reduce((sum, { roundsToTarget: { n, reached } }) => sum + n - reached, 0);
  if (never > 0) {
    const runs = never === 1 ? '1 run' : `${never} runs`;
    lines.push(`▷ ${runs} had not reached the target by the planned last round, or diverged: only rounds up to it are in the mean`);
  }
  if (rows.some((row) => panels.some(({ of }) => of(row)?.robust != null)))
    lines.push('× robust mean (interquartile), where values lie far from the others and the interval covers less than 95 %');
  const tuned = tuningText(tradeoff);
  return tuned === undefined ? lines : [...lines, tuned];
}

/** Where a panel's estimates are compared with; undefined where several twins stand for several values. */
function ruleAt(panel: Panel, marks: readonly Mark[]): number | undefined {
  if (panel.rule === 'zero') return marks.length > 0 ? 0 : undefined;
  const twins = marks.filter(({ kind }) => kind === KINDS[1]);
  return twins.length === 1 ? twins[0].value : undefined;
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
    scale: marks.length === 0 ? {} : { domain: domainOf(marks, panel), zero: false, nice: false },
    axis: { format: panel.format, tickCount: 4, labelExpr: "datum.value === 0 ? '0' : datum.label", labelFlush: false },
  };
  const y = yOf(labels);
  const legend = { title: null, orient: 'bottom', symbolSize: 80, symbolOpacity: 1, labelFontSize: 11 };
  const color = { field: 'kind', type: 'nominal', scale: { domain: KINDS, range: COLOURS }, legend };
  const shape = { field: 'kind', type: 'nominal', scale: { domain: KINDS, range: SHAPES }, legend };
  const arrived = marks.filter((mark) => mark.arrived);
  const barred = arrived.filter((mark) => mark.hasInterval);
  const beyond = marks.filter((mark) => mark.beyond !== null);
  const robust = marks.filter((mark) => mark.robust !== null);
  const layerOf = (values: readonly Mark[], layer: object) => (values.length === 0 ? [] : [{ data: { values }, ...layer }]);
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
      ...layerOf(barred, {
        mark: { type: 'rule', strokeWidth: 2 },
        encoding: { x: { ...x, field: 'low' }, x2: { field: 'high' }, y, color },
      }),
      ...layerOf(barred, { mark: { type: 'tick', thickness: 2, size: 8 }, encoding: { x: { ...x, field: 'low' }, y, color } }),
      ...layerOf(barred, { mark: { type: 'tick', thickness: 2, size: 8 }, encoding: { x: { ...x, field: 'high' }, y, color } }),
      {
        data: { values: arrived },
        mark: { type: 'point', filled: true, size: 85, opacity: 1 },
        encoding: { x: { ...x, field: 'value' }, y, color, shape, tooltip: { field: 'note' } },
      },
      ...layerOf(robust, {
        mark: { type: 'point', shape: 'cross', angle: 45, size: 60, filled: true, color: INK, opacity: 1 },
        encoding: { x: { ...x, field: 'robust' }, y },
      }),
      ...layerOf(beyond, {
        mark: { type: 'point', shape: 'triangle-right', size: 70, filled: false, strokeWidth: 1.6, fill: 'white', opacity: 1 },
        encoding: {
          x: { ...x, field: 'beyond' },
          y,
          stroke: { field: 'colour', type: 'nominal', scale: null },
          tooltip: { field: 'note' },
        },
      }),
    ],
  };
}

/** A column of words, one per line; its width is estimated because there is nothing to measure text with. */
function wordsFigure(labels: readonly string[], words: readonly string[], title: { readonly text: string; readonly subtitle: string }) {
  const longest = Math.max(title.subtitle.length, ...words.map((word) => word.length));
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

/** By what the update was multiplied on its way, where that was measured. */
function updateGainFigure(rows: readonly TradeoffRow[], labels: readonly string[]) {
  const gains = rows.map(({ physical }) => physical.updateGain);
  if (gains.every((gain) => gain === null)) return [];
  const words = gains.map((gain) => (gain === null ? '-' : gain.mean.toFixed(2)));
  return [wordsFigure(labels, words, { text: 'c', subtitle: 'update gain' })];
}

/**
 * A Vega-Lite specification of the trade-off: markers are means over replicates, bars 95 % intervals within what is possible, the dashed line is
 * the twin where all points share one. Runs that did not arrive at the target are an arrow at their planned last round, and stand in
 * the margin with those that diverged. Differences are paired: point - twin of the same seed. What must be said with them is below. Of
 * more points than a picture can show, the first are drawn with their twins, and the picture says so.
 */
export function tradeoffFigure(asked: Tradeoff): TopLevelSpec {
  const tradeoff = drawnPart(asked);
  const { rows, name } = tradeoff;
  const panels = panelsOf(tradeoff);
  const labels = lineLabels(rows.map(({ label }) => printable(label)));
  const empty = !rows.some((row) => panels.some(({ of }) => of(row)));
  if (empty) {
    const lines = ['no completed runs yet', `${rows.length} points, ${rows.reduce((sum, row) => sum + row.runs.total, 0)} runs`];
    return { ...figureFrame(name, subtitleOf(tradeoff, panels)), ...emptyFigure(lines) } as TopLevelSpec;
  }
  const picture = {
    hconcat: [
      wordsFigure(labels, labels, { text: 'point', subtitle: ' ' }),
      ...panels.map((panel) => panelFigure(panel, rows, labels)),
      ...updateGainFigure(rows, labels),
      wordsFigure(labels, rows.map(runsOf), { text: 'n', subtitle: 'completed runs' }),
    ],
    bounds: 'flush',
    spacing: 26,
    resolve: { legend: { color: 'shared', shape: 'shared' } },
  };
  const shown = rows.map((row, index) => ({ label: labels[index], caveats: row.caveats }));
  return {
    ...figureFrame(name, subtitleOf(tradeoff, panels)),
    ...footnotes(picture, caveatsInShort({ caveats: tradeoff.caveats, rows: shown })),
  } as TopLevelSpec;
}
