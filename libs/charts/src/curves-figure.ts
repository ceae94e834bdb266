/** Learning curves as a picture: how the points get where the trade-off finds them. */
import {
  printable,
  type LearningCurve,
  type LearningCurveMetric,
  type LearningCurves,
  type PointCurves,
  type PointRole,
} from '@airmeta/spec';
import type { TopLevelSpec } from 'vega-lite';
import { emptyFigure, figureFrame, PANEL_TITLE } from './figure-frame.js';
import { lineLabels } from './line-labels.js';

interface Panel {
  readonly metric: LearningCurveMetric;
  readonly title: string;
  readonly hint: string;
  readonly format: string;
  /** What the metric can be: no band goes beyond it. */
  readonly possible: readonly [number, number];
}

const PANELS: readonly Panel[] = [
  { metric: 'trainLoss', title: 'train loss', hint: 'training tasks’ held-out queries', format: '~f', possible: [0, Infinity] },
  { metric: 'newTasksLoss', title: 'new-task loss', hint: 'less is better', format: '~f', possible: [0, Infinity] },
  { metric: 'newTasksAccuracy', title: 'new-task accuracy', hint: 'more is better', format: '.0%', possible: [0, 1] },
];

/** From viridis without its light end: in order for any colour vision, and in grey. */
const COLOURS = ['#440154', '#46327e', '#365c8d', '#277f8e', '#1fa187', '#4ac16d', '#9fd938'];
const TWIN_COLOURS = ['#000000', '#888888'];
/** More points than colours take another dash. */
const DASHES = [
  [1, 0],
  [8, 3],
  [2, 2],
  [8, 3, 2, 3],
];
const TWIN_DASH = [5, 3];
const MATCHED_DASH = [1.5, 3];
/** How far a band may widen a panel beyond its lines, as a share of their span: the band of two runs is thirteen deviations wide. */
const BAND_ROOM = 0.5;
const WIDTH = 270;
const HEIGHT = 210;
/** Between panels, for the numbers of the axis. */
const AXIS_ROOM = 60;

interface LineStyle {
  readonly colour: string;
  readonly dash: readonly number[];
}

/** Along the palette, in order. */
function alongPalette(place: number, count: number): LineStyle {
  const few = count <= COLOURS.length;
  const step = few && count > 1 ? Math.floor((place * (COLOURS.length - 1)) / (count - 1)) : place % COLOURS.length;
  return { colour: COLOURS[step], dash: DASHES[few ? 0 : Math.floor(place / COLOURS.length) % DASHES.length] };
}

/**
 * Swept points along the palette. Gain-matched twins, which stand in the order of their points, along the same palette and dotted, so that
 * each has its point's colour where all have one. Ideal twins black or grey, and dashed.
 */
const STYLES: Readonly<Record<PointRole, (place: number, count: number) => LineStyle>> = {
  swept: alongPalette,
  matched: (place, count) => ({ ...alongPalette(place, count), dash: MATCHED_DASH }),
  twin: (place) => ({ colour: TWIN_COLOURS[place % TWIN_COLOURS.length], dash: TWIN_DASH }),
};

function stylesOf(points: readonly PointCurves[]): LineStyle[] {
  return points.map((point) => {
    const alike = points.filter(({ role }) => role === point.role);
    return STYLES[point.role](alike.indexOf(point), alike.length);
  });
}

function curveOf({ curves }: PointCurves, metric: LearningCurveMetric): LearningCurve | undefined {
  return curves.find((curve) => curve.metric === metric);
}

/** One row per line and evaluated round. */
function valuesOf(points: readonly PointCurves[], labels: readonly string[], styles: readonly LineStyle[], { metric, possible }: Panel) {
  const within = (value: number | null | undefined) => (value == null ? null : Math.min(possible[1], Math.max(possible[0], value)));
  return points.flatMap((point, index) => {
    const curve = curveOf(point, metric);
    return (curve?.rounds ?? []).map((round, at) => ({
      ...{
        point: labels[index],
        colour: styles[index].colour,
        round,
        mean: curve?.mean[at] ?? 0,
        low: within(curve?.low[at]),
        high: within(curve?.high[at]),
      },
    }));
  });
}

function domainOf(values: ReturnType<typeof valuesOf>): [number, number] {
  const means = values.map(({ mean }) => mean);
  const [least, most] = [means.reduce((a, b) => Math.min(a, b)), means.reduce((a, b) => Math.max(a, b))];
  const room = BAND_ROOM * (most - least);
  const low = values.reduce((bound, value) => Math.min(bound, value.low ?? bound), least);
  const high = values.reduce((bound, value) => Math.max(bound, value.high ?? bound), most);
  return [Math.max(low, least - room), Math.min(high, most + room)];
}

function panelFigure(panel: Panel, points: readonly PointCurves[], labels: readonly string[]) {
  const styles = stylesOf(points);
  const { title, hint, format } = panel;
  const values = valuesOf(points, labels, styles, panel);
  const banded = values.filter(({ low, high }) => low !== null && high !== null);
  const x = {
    field: 'round',
    type: 'quantitative',
    title: 'round',
    axis: { format: '~s', tickCount: 5, titleFontSize: 11, titleFontWeight: 'normal', grid: false },
  };
  const scale = { domain: domainOf(values), nice: true, zero: false };
  const y = { type: 'quantitative', title: null, scale, axis: { format, tickCount: 6 } };
  const legend = { title: null, orient: 'right', symbolStrokeWidth: 2.5, symbolSize: 500, labelFontSize: 11, labelLimit: 0, offset: 12 };
  const colour = { field: 'point', type: 'nominal', scale: { domain: labels, range: styles.map(({ colour }) => colour) }, legend };
  const dash = { field: 'point', type: 'nominal', scale: { domain: labels, range: styles.map((style) => style.dash) }, legend };
  return {
    title: { ...PANEL_TITLE, text: title, subtitle: hint },
    width: WIDTH,
    height: HEIGHT,
    data: { values },
    layer: [
      ...(banded.length === 0
        ? []
        : [
            {
              data: { values: banded },
              mark: { type: 'area', opacity: 0.14, clip: true },
              encoding: {
                ...{ x, y: { ...y, field: 'low' }, y2: { field: 'high' } },
                ...{ fill: { field: 'colour', type: 'nominal', scale: null }, detail: { field: 'point' } },
              },
            },
          ]),
      {
        mark: { type: 'line', strokeWidth: 1.8, clip: true, interpolate: 'linear' },
        encoding: { x, y: { ...y, field: 'mean' }, stroke: colour, strokeDash: dash },
      },
    ],
  };
}

function subtitleOf({ points, omitted }: LearningCurves): string[] {
  const lines = ['mean and, shaded, 95 % t-interval round by round, over completed runs; wide bands end at the frame'];
  const without = points.filter(({ curves }) => curves.length === 0).map(({ label }) => label);
  if (without.length > 0) lines.push(`without a completed run: ${lineLabels(without).join('; ')}`);
  if (omitted > 0) lines.push(omitted === 1 ? '1 further point is not shown' : `${omitted} further points are not shown`);
  return lines;
}

/** A Vega-Lite specification: one panel per metric that there is, one line per point, the ideal twin dashed. */
export function curvesFigure(curves: LearningCurves): TopLevelSpec {
  const points = curves.points.filter((point) => point.curves.length > 0);
  const labels = lineLabels(points.map(({ label }) => printable(label)));
  const panels = PANELS.filter(({ metric }) => points.some((point) => curveOf(point, metric)));
  const figure =
    panels.length === 0
      ? emptyFigure(['no completed runs yet', `${curves.points.length + curves.omitted} points`])
      : { hconcat: panels.map((panel) => panelFigure(panel, points, labels)), bounds: 'flush', spacing: AXIS_ROOM };
  return {
    ...figureFrame(curves.name, panels.length === 0 ? [] : subtitleOf(curves)),
    resolve: { legend: { stroke: 'shared', strokeDash: 'shared' } },
    ...figure,
  } as TopLevelSpec;
}
