/** The trade-off as a picture: one line per point, cost on the left, what it bought on the right. */
import type { Estimate, Tradeoff, TradeoffRow } from '@airmeta/spec';
import type { TopLevelSpec } from 'vega-lite';

interface Panel {
  readonly title: string;
  readonly of: (row: TradeoffRow) => Estimate | null;
  readonly format: string;
  /** Whether the axis starts at zero. */
  readonly zero: boolean;
}

interface Mark {
  readonly point: string;
  readonly kind: string;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly note: string;
}

/** Blue and orange of the Okabe-Ito palette: told apart with any colour vision, and by shape besides. */
const COLOURS = { swept: '#0072B2', twin: '#D55E00' };

function panelsOf({ rows }: Tradeoff): Panel[] {
  const classification = rows.some((row) => row.newTasksAccuracy);
  return [
    { title: 'rounds to target', of: (row) => row.roundsToTarget.estimate, format: '~s', zero: true },
    classification
      ? { title: 'new-task accuracy', of: (row) => row.newTasksAccuracy, format: '.0%', zero: false }
      : { title: 'new-task loss', of: (row) => row.newTasksLoss, format: '.3~g', zero: false },
    { title: 'generalization gap (loss)', of: (row) => row.gapLoss, format: '.2~g', zero: false },
  ];
}

function marksOf(tradeoff: Tradeoff, panel: Panel): Mark[] {
  return tradeoff.rows.flatMap((row): Mark[] => {
    const estimate = panel.of(row);
    if (!estimate) return [];
    const { mean, low, high, n } = estimate;
    return [{ point: row.label, kind: row.role === 'twin' ? 'ideal twin' : 'swept point', mean, low: low ?? mean, high: high ?? mean, note: `${row.label}: ${mean} (n = ${n})` }];
  });
}

/**
 * A Vega-Lite specification of the trade-off: dots are means over replicates, bars 95 % t-intervals. Runs that never
 * reached the target count with their last round.
 */
export function tradeoffFigure(tradeoff: Tradeoff): TopLevelSpec {
  const order = tradeoff.rows.map(({ label }) => label);
  const panels = panelsOf(tradeoff);
  const n = Math.max(0, ...tradeoff.rows.map(({ runs }) => runs.completed));
  const censored = tradeoff.rows.reduce((sum, { roundsToTarget }) => sum + roundsToTarget.censored, 0);
  const target =
    tradeoff.targetTrainLoss === null ? 'target: 90 % of the ideal twin’s decrease in train loss' : `target: train loss ${tradeoff.targetTrainLoss}`;
  const subtitle = [`mean and 95 % t-interval over n = ${n} replicates; ${target}`];
  if (censored > 0) subtitle.push(`${censored} run(s) never reached the target and count with their last round`);
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    title: { text: tradeoff.name, subtitle, anchor: 'start', fontSize: 15, subtitleFontSize: 11, subtitleColor: '#555', offset: 14 },
    background: 'white',
    padding: 14,
    config: { font: 'sans-serif', view: { stroke: '#ddd' }, axis: { gridColor: '#eee', labelFontSize: 11, titleFontSize: 12, titleFontWeight: 'normal' } },
    hconcat: panels.map((panel, index) => ({
      width: 210,
      height: { step: 30 },
      data: { values: marksOf(tradeoff, panel) },
      layer: [
        {
          mark: { type: 'rule', strokeWidth: 2 },
          encoding: {
            x: { field: 'low', type: 'quantitative', title: panel.title, scale: { zero: panel.zero, nice: true }, axis: { format: panel.format, tickCount: 5 } },
            x2: { field: 'high' },
          },
        },
        {
          mark: { type: 'point', filled: true, size: 80, opacity: 1 },
          encoding: {
            x: { field: 'mean', type: 'quantitative' },
            shape: { field: 'kind', type: 'nominal', scale: { domain: ['swept point', 'ideal twin'], range: ['circle', 'diamond'] }, legend: index === 0 ? { title: null, orient: 'bottom' } : null },
            tooltip: { field: 'note' },
          },
        },
      ],
      encoding: {
        y: { field: 'point', type: 'nominal', sort: order, title: null, scale: { domain: order }, axis: { labels: index === 0, ticks: false, grid: true, labelLimit: 220 } },
        color: {
          field: 'kind',
          type: 'nominal',
          scale: { domain: ['swept point', 'ideal twin'], range: [COLOURS.swept, COLOURS.twin] },
          legend: index === 0 ? { title: null, orient: 'bottom' } : null,
        },
      },
    })),
  } as TopLevelSpec;
}
