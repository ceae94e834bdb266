/** A run beside the bounds of the theory as a picture: a line of panels per point, convergence on the left, the gap on the right. */
import { CONVERGENCE_TERMS, type BoundsAtRound, type BoundsReport, type ConvergenceTerm } from '@airmeta/spec';
import type { TopLevelSpec } from 'vega-lite';
import { lineLabels } from './line-labels.js';

/** Said of every bound that is shown. */
export const TEMPLATE_LABEL = "template, not the paper's theorem";

export interface BoundedPoint {
  readonly label: string;
  /** Of its replicates. */
  readonly reports: readonly BoundsReport[];
}

interface Series {
  readonly name: string;
  readonly colour: string;
  /** Told apart by its dashes as well as by its colour. */
  readonly dash: readonly number[];
  readonly thick: boolean;
  readonly of: (at: BoundsAtRound) => number;
}

export const TERM_NAMES: Readonly<Record<ConvergenceTerm, string>> = {
  initialisation: 'initialisation',
  aggregation: 'aggregation (G_e)',
  sampling: 'sampling noise',
  drift: 'local drift',
  heterogeneity: 'heterogeneity',
  sparsification: 'sparsification memory',
  bias: 'meta-gradient bias',
};

/** The Okabe-Ito palette but for its yellow, which is too light on white, and a grey. */
const TERM_STROKES: Readonly<Record<ConvergenceTerm, readonly [colour: string, dash: readonly number[]]>> = {
  initialisation: ['#0072B2', [9, 3]],
  aggregation: ['#E69F00', [5, 3]],
  sampling: ['#009E73', [2, 2]],
  drift: ['#56B4E9', [9, 3, 2, 3]],
  heterogeneity: ['#CC79A7', [6, 2, 2, 2]],
  sparsification: ['#7F7F7F', [12, 4]],
  bias: ['#7A5C00', [1, 3]],
};

const MEASURED = { colour: '#000000', dash: [1, 0], thick: true };
const BOUND = { colour: '#D55E00', dash: [1, 0], thick: true };
const INK = '#333';
const FAINT = '#666';
const PANEL = { width: 330, height: 190 };

const CONVERGENCE: readonly Series[] = [
  { ...BOUND, name: 'bound', of: (at) => at.convergenceBound },
  ...CONVERGENCE_TERMS.map((term) => ({
    ...{ name: TERM_NAMES[term], colour: TERM_STROKES[term][0], dash: TERM_STROKES[term][1], thick: false },
    of: ({ terms }: BoundsAtRound) => terms[term],
  })),
  { ...MEASURED, name: 'measured', of: (at) => at.meanGradientEnergy },
];

const GAP: readonly Series[] = [
  { ...BOUND, name: 'bound', of: (at) => at.gapBound },
  { ...MEASURED, name: 'measured', of: (at) => Math.abs(at.environmentGap) },
  { name: 'new tasks − train, not covered', colour: '#000000', dash: [4, 3], thick: false, of: (at) => Math.abs(at.newTasksGap) },
];

interface Mark {
  readonly series: string;
  readonly round: number;
  readonly value: number;
}

/** Means over the replicates that were played to the end; what a logarithm cannot show, nothing and the infinite, is left out. */
function marksOf(series: readonly Series[], reports: readonly BoundsReport[]): Mark[] {
  const complete = reports.filter(({ outcome }) => outcome.kind === 'completed');
  if (complete.length === 0) return [];
  return complete[0].rounds.flatMap(({ round }, index) =>
    series.flatMap(({ name, of }) => {
      const value = complete.reduce((sum, { rounds }) => sum + of(rounds[index]), 0) / complete.length;
      return value > 0 && Number.isFinite(value) ? [{ series: name, round, value }] : [];
    }),
  );
}

/** Whole decades, the same for all points, so that panels can be compared. */
function decadesOf(marks: readonly Mark[]): [number, number] {
  if (marks.length === 0) return [0.1, 1];
  const exponents = marks.map(({ value }) => Math.log10(value));
  const [least, greatest] = [Math.floor(Math.min(...exponents)), Math.ceil(Math.max(...exponents))];
  return [10 ** least, 10 ** Math.max(greatest, least + 1)];
}

function notesOf({ reports }: BoundedPoint): string {
  const complete = reports.filter(({ outcome }) => outcome.kind === 'completed');
  if (complete.length === 0) return 'no run was played to the end';
  const applies = complete.every(({ conditions }) => conditions.every(({ holds }) => holds));
  const infinite = complete.some(({ rounds }) => rounds.some(({ gapBound }) => gapBound === Infinity));
  return [
    applies
      ? 'all conditions of the convergence bound hold'
      : 'not all conditions of the convergence bound hold, so that it promises nothing here',
    ...(infinite ? ['no noise: the bound of the gap is infinite, and not drawn'] : []),
  ].join('; ');
}

/** Every series of either side by its name, for the one legend. */
const ALL_SERIES: readonly Series[] = [...CONVERGENCE, ...GAP.filter(({ name }) => !CONVERGENCE.some((other) => other.name === name))];

const LEGEND = {
  title: null,
  orient: 'bottom',
  columns: 4,
  symbolType: 'stroke',
  symbolSize: 600,
  symbolStrokeWidth: 2,
  labelFontSize: 11,
  labelColor: INK,
  labelLimit: 0,
};

const scaleOf = (range: readonly unknown[]) => ({ domain: ALL_SERIES.map(({ name }) => name), range });

/** The panels of all points, with the same axes. */
function panelsOf(
  side: { readonly title: string; readonly hint: string; readonly series: readonly Series[] },
  points: readonly BoundedPoint[],
) {
  const marks = points.map(({ reports }) => marksOf(side.series, reports));
  const domain = decadesOf(marks.flat());
  const lastRound = Math.max(1, ...points.flatMap(({ reports }) => reports.flatMap(({ rounds }) => rounds.map(({ round }) => round))));
  return marks.map((values) => ({
    ...PANEL,
    title: {
      text: side.title,
      subtitle: side.hint,
      anchor: 'start',
      fontSize: 12,
      fontWeight: 'normal',
      subtitleFontSize: 11,
      subtitleColor: FAINT,
    },
    data: { values },
    layer: [true, false].map((thick) => ({
      transform: [{ filter: { field: 'series', oneOf: side.series.filter((each) => each.thick === thick).map(({ name }) => name) } }],
      mark: { type: 'line', clip: true, strokeWidth: thick ? 2.5 : 1.5 },
    })),
    encoding: {
      x: {
        field: 'round',
        type: 'quantitative',
        scale: { domain: [0, lastRound], nice: false },
        axis: { title: 'round', grid: false, format: ',d', tickCount: 6 },
      },
      y: {
        ...{ field: 'value', type: 'quantitative', scale: { type: 'log', domain, nice: false } },
        axis: { title: null, format: '.0e', tickCount: Math.min(8, Math.log10(domain[1] / domain[0])) },
      },
      color: { field: 'series', type: 'nominal', scale: scaleOf(ALL_SERIES.map(({ colour }) => colour)), legend: LEGEND },
      strokeDash: { field: 'series', type: 'nominal', scale: scaleOf(ALL_SERIES.map(({ dash }) => dash)), legend: LEGEND },
    },
  }));
}

/**
 * A Vega-Lite specification: measured values in black, bounds in vermilion, terms thin, on logarithmic axes that are the same for all points.
 * @param name of the experiment
 */
export function boundsFigure(name: string, points: readonly BoundedPoint[]): TopLevelSpec {
  const labels = lineLabels(points.map(({ label }) => label));
  const replicates = Math.max(...points.map(({ reports }) => reports.length));
  const convergence = panelsOf(
    { title: 'mean of ||grad F||² over the rounds so far', hint: 'of the fine-tuned loss, all agents', series: CONVERGENCE },
    points,
  );
  const gap = panelsOf({ title: '|generalization gap|', hint: 'new-agent loss − train loss', series: GAP }, points);
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    title: {
      text: `${name}: measured beside the bounds (${TEMPLATE_LABEL})`,
      subtitle: [
        `constants are estimated from the runs; thin lines are the terms of the convergence bound, which is their sum`,
        replicates === 1 ? 'one replicate' : `means over ${replicates} replicates`,
      ],
      ...{ anchor: 'start', fontSize: 16, subtitleFontSize: 11, subtitleColor: FAINT, subtitlePadding: 5, offset: 16 },
    },
    background: 'white',
    padding: 16,
    vconcat: points.map((point, index) => ({
      title: {
        text: labels[index],
        subtitle: notesOf(point),
        anchor: 'start',
        fontSize: 14,
        subtitleFontSize: 11,
        subtitleColor: FAINT,
        offset: 8,
      },
      hconcat: [convergence[index], gap[index]],
      spacing: 40,
    })),
    spacing: 30,
    resolve: { scale: { color: 'shared', strokeDash: 'shared' }, legend: { color: 'shared', strokeDash: 'shared' } },
    config: {
      font: 'Helvetica, Arial, sans-serif',
      view: { stroke: '#ddd' },
      axis: {
        gridColor: '#eee',
        labelFontSize: 11,
        labelColor: INK,
        titleColor: INK,
        titleFontWeight: 'normal',
        domainColor: '#bbb',
        tickColor: '#bbb',
      },
    },
  } as TopLevelSpec;
}
