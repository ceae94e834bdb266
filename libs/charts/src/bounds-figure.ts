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
  { ...BOUND, name: 'bound: all terms', of: (at) => at.convergenceBound },
  ...CONVERGENCE_TERMS.map((term) => ({
    ...{ name: TERM_NAMES[term], colour: TERM_STROKES[term][0], dash: TERM_STROKES[term][1], thick: false },
    of: ({ terms }: BoundsAtRound) => terms[term],
  })),
  { ...MEASURED, name: 'measured', of: (at) => at.meanGradientEnergy },
];

const GAP: readonly Series[] = [
  { ...BOUND, name: 'bound: mutual information', of: (at) => at.gapBound },
  { ...MEASURED, name: 'measured: |new agents − train|', of: (at) => Math.abs(at.environmentGap) },
  { name: '|new tasks − train|, not covered', colour: '#0072B2', dash: [5, 3], thick: false, of: (at) => Math.abs(at.newTasksGap) },
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

function notesOf({ reports }: BoundedPoint): { readonly convergence: string; readonly gap: string } {
  const complete = reports.filter(({ outcome }) => outcome.kind === 'completed');
  if (complete.length === 0) return { convergence: 'no run was played to the end', gap: ' ' };
  const applies = complete.every(({ conditions }) => conditions.every(({ holds }) => holds));
  const infinite = complete.some(({ rounds }) => rounds.some(({ gapBound }) => gapBound === Infinity));
  return {
    convergence: applies ? 'all its conditions hold' : 'not all its conditions hold, so that it promises nothing here',
    gap: infinite ? 'no noise: the bound is infinite, and not drawn' : ' ',
  };
}

function column(
  title: string,
  series: readonly Series[],
  points: readonly { readonly title: string; readonly subtitle: string; readonly marks: readonly Mark[] }[],
) {
  const names = series.map(({ name }) => name);
  const domain = decadesOf(points.flatMap(({ marks }) => marks));
  const legend = {
    title: null,
    orient: 'bottom',
    columns: 3,
    symbolType: 'stroke',
    symbolSize: 500,
    labelFontSize: 11,
    labelColor: INK,
    labelLimit: 260,
  };
  const scaleOf = (range: readonly unknown[]) => ({ domain: names, range });
  const decades = Math.log10(domain[1] / domain[0]);
  return {
    vconcat: points.map((point) => ({
      ...PANEL,
      title: { text: point.title, subtitle: point.subtitle, anchor: 'start', fontSize: 12, subtitleFontSize: 11, subtitleColor: FAINT },
      data: { values: point.marks },
      layer: [false, true].map((thick) => ({
        transform: [{ filter: { field: 'series', oneOf: series.filter((each) => each.thick === thick).map(({ name }) => name) } }],
        mark: { type: 'line', clip: true, strokeWidth: thick ? 2.5 : 1.5 },
      })),
      encoding: {
        x: { field: 'round', type: 'quantitative', axis: { title: 'round', grid: false, format: '~s', tickCount: 6 } },
        y: {
          ...{ field: 'value', type: 'quantitative', scale: { type: 'log', domain, nice: false } },
          axis: { title, format: '.0e', tickCount: Math.min(8, decades) },
        },
        color: { field: 'series', type: 'nominal', scale: scaleOf(series.map(({ colour }) => colour)), legend },
        strokeDash: { field: 'series', type: 'nominal', scale: scaleOf(series.map(({ dash }) => dash)), legend },
      },
    })),
    spacing: 24,
    resolve: { legend: { color: 'shared', strokeDash: 'shared' } },
  };
}

/**
 * A Vega-Lite specification: measured values in black, bounds in vermilion, terms thin, on logarithmic axes that are the same for all points.
 * @param name of the experiment
 */
export function boundsFigure(name: string, points: readonly BoundedPoint[]): TopLevelSpec {
  const labels = lineLabels(points.map(({ label }) => label));
  const replicates = Math.max(...points.map(({ reports }) => reports.length));
  const panels = (series: readonly Series[], note: 'convergence' | 'gap') =>
    points.map((point, index) => ({ title: labels[index], subtitle: notesOf(point)[note], marks: marksOf(series, point.reports) }));
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    title: {
      text: `${name}: measured beside the bounds (${TEMPLATE_LABEL})`,
      subtitle: [
        'left: mean of ||grad F||² over the rounds so far; right: generalization gap (loss); constants estimated from the runs',
        replicates === 1 ? 'one replicate' : `means over ${replicates} replicates`,
      ],
      ...{ anchor: 'start', fontSize: 16, subtitleFontSize: 11, subtitleColor: FAINT, subtitlePadding: 5, offset: 16 },
    },
    background: 'white',
    padding: 16,
    hconcat: [
      column('mean of ||grad F||² and its bound', CONVERGENCE, panels(CONVERGENCE, 'convergence')),
      column('|gap| and its bound', GAP, panels(GAP, 'gap')),
    ],
    spacing: 40,
    resolve: {
      legend: { color: 'independent', strokeDash: 'independent' },
      scale: { color: 'independent', strokeDash: 'independent' },
    },
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
