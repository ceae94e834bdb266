import { csvParse } from 'd3-dsv';
import type { JsonValue } from '@airmeta/spec';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classification, row } from '../test/tradeoffs.js';
import { csvText } from './csv-text.js';
import { curvesCsv } from './curves-csv.js';
import { fineTuningTable, seriesTable, type CsvRun, type RunTable } from './runs-csv.js';
import { tradeoffCsv } from './tradeoff-csv.js';

const POINTS = [
  { 'uplink.snr': '-10 dB', 'uplink.compression': 0.4, 'model.hidden': [32, 16], 'task.dirichlet': null },
  { 'uplink.snr': 'noiseless', 'uplink.compression': 'none', 'model.hidden': [8], 'task.dirichlet': 0.5 },
  { meta: { gradient: 'none', metaStep: 0.1 } },
].map((axes: Readonly<Record<string, JsonValue>>, pointIndex) => ({
  ...{ pointId: `p${pointIndex}`, pointIndex, role: pointIndex === 2 ? ('twin' as const) : ('swept' as const) },
  ...{ label: `point ${pointIndex}`, axes },
}));

const run = (pointIndex: number): CsvRun => ({
  ...{ id: `r${pointIndex}`, pointId: `p${pointIndex}`, replicate: 1, seed: '9007199254740993', state: 'completed', engine: 'fused 1' },
});

function csvOf<Run>({ header, rowsOf }: RunTable<Run>, runs: readonly Run[]) {
  return csvParse(csvText(header, runs.flatMap(rowsOf)));
}

const series = csvOf(seriesTable('e', POINTS), [
  {
    ...run(0),
    series: [
      { metric: 'trainLoss', rounds: [0, 10], values: [2, 1e-300] },
      { metric: 'energyJoule', rounds: [10], values: [0.5] },
    ],
  },
  { ...run(1), series: [{ metric: 'trainLoss', rounds: [0], values: [null] }] },
  { ...run(2), series: [] },
]);

describe('what runs have left behind, as CSV', () => {
  it('is a line per evaluated round, with the point, the run and every metric', () => {
    expect(series).toHaveLength(3);
    expect(series[1]).toMatchObject({
      ...{ experiment: 'e', point: '0', label: 'point 0', role: 'swept', run: 'r0', state: 'completed', replicate: '1' },
      ...{ seed: '9007199254740993', engine: 'fused 1', round: '10', trainLoss: '1e-300', energyJoule: '0.5', trainAccuracy: '' },
    });
    expect([series[0]['energyJoule'], series[2]['trainLoss']]).toEqual(['', '']);
  });

  it('has a column for every key that varies, with its unit, and numbers as numbers', () => {
    expect(series.columns.slice(4, 10)).toEqual([
      'uplink.snr [dB]',
      'uplink.compression',
      'model.hidden',
      'task.dirichlet',
      'meta.gradient',
      'meta.metaStep',
    ]);
    const axes = (line: (typeof series)[number]) => series.columns.slice(4, 10).map((column) => line[column]);
    expect(axes(series[0])).toEqual(['-10', '0.4', '[32,16]', 'null', '', '']);
    expect(axes(series[2])).toEqual(['Infinity', 'none', '[8]', '0.5', '', '']);
  });

  it('joins with every other file of the experiment on the same columns', () => {
    const rows = POINTS.map((point) => row({ ...point, axes: point.axes }));
    const tradeoff = csvParse(tradeoffCsv({ ...classification, experimentId: 'e', rows }));
    const curve = { metric: 'trainLoss' as const, rounds: [0, 5], mean: [2, 1], low: [null, 0.5], high: [null, 1.5], n: [1, 2] };
    const curves = csvParse(curvesCsv({ experimentId: 'e', name: '', omitted: 0, points: [{ ...POINTS[1], curves: [curve] }] }, POINTS));
    const fineTuning = csvOf(fineTuningTable('e', POINTS), [
      {
        ...run(1),
        fineTuning: [
          {
            ...{ at: 'last', round: 10, set: 'train', metric: 'loss', tasks: 3, mean: [2, 1], deviation: [null, 1] },
            ...{ q05: [1, 1], q25: [1, 1], q50: [1, 1], q75: [1, 1], q95: [1, 1] },
          },
        ],
      },
    ]);
    const shared = series.columns.slice(0, 10);
    for (const { columns } of [tradeoff, curves, fineTuning]) expect(columns.slice(0, 10)).toEqual(shared);
    const keys = (line: Readonly<Record<string, string>>) => shared.map((column) => line[column]);
    expect(keys(curves[0])).toEqual(keys(tradeoff[1]));
    expect(keys(fineTuning[1])).toEqual(keys(series[2]));
    expect(curves.map(({ round, low, n }) => [round, low, n])).toEqual([
      ['0', '', '1'],
      ['5', '0.5', '2'],
    ]);
    expect(fineTuning.map(({ step, mean, deviation }) => [step, mean, deviation])).toEqual([
      ['0', '2', ''],
      ['1', '1', '1'],
    ]);
  });

  it('reads back as the numbers that were written', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true }), { minLength: 1 }), (values) => {
        const rounds = values.map((_, index) => index);
        const parsed = csvOf(seriesTable('e', POINTS), [{ ...run(0), series: [{ metric: 'trainLoss', rounds, values }] }]);
        expect(parsed.map(({ trainLoss }) => Number(trainLoss))).toEqual(values.map((value) => (value === 0 ? 0 : value)));
      }),
    );
  });

  it('is of runs of the experiment only', () => {
    expect(() => seriesTable('e', POINTS).rowsOf({ ...run(7), series: [] })).toThrow('p7');
  });
});
