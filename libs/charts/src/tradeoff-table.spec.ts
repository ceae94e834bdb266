import { csvParse } from 'd3-dsv';
import type { Estimate, Tradeoff, TradeoffRow } from '@airmeta/spec';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classification, crowded, estimate, onBases, regression, row, unstarted } from '../test/tradeoffs.js';
import { tradeoffCsv, tradeoffTable } from './tradeoff-table.js';

const anyEstimate: fc.Arbitrary<Estimate | null> = fc.option(
  fc.record({
    mean: fc.double({ noNaN: true, noDefaultInfinity: true }),
    low: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
    high: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
    n: fc.integer({ min: 1, max: 50 }),
  }),
);

const CSV_COLUMNS: Readonly<Record<string, (row: TradeoffRow) => Estimate | null>> = {
  rounds_to_target: ({ roundsToTarget }) => roundsToTarget.estimate,
  new_tasks_accuracy: ({ newTasks }) => newTasks.last.accuracy,
  gap_loss: ({ gapLoss }) => gapLoss,
  gain_loss_best: ({ gains }) => gains.best.loss,
  gain_accuracy_early_stop: ({ gains }) => gains.earlyStop.accuracy,
  new_tasks_loss_target: ({ newTasks }) => newTasks.target.loss,
  extra_rounds: ({ extraRounds }) => extraRounds.estimate,
};

/** CSV has one zero. */
const positiveZero = (value: number | null) => (value === 0 ? 0 : value);

describe('the CSV of a trade-off', () => {
  it.each(Object.entries({ classification, regression, unstarted, crowded }))('has one line per point: %s', (_, tradeoff) => {
    expect(csvParse(tradeoffCsv(tradeoff)).map(({ label, role, point }) => [label, role, Number(point)])).toEqual(
      tradeoff.rows.map(({ label, role, pointIndex }) => [label, role, pointIndex]),
    );
    expect(tradeoffCsv(tradeoff).endsWith('\n')).toBe(true);
  });

  it('reads back as the same numbers and texts', () => {
    const anyRow = fc
      .record({
        label: fc.string({ unit: 'grapheme' }),
        axes: fc.dictionary(fc.string(), fc.string()),
        e: anyEstimate,
        censored: fc.nat(9),
      })
      .map(({ label, axes, e, censored }) =>
        row({
          ...{ label, axes, pointIndex: 0, roundsToTarget: { estimate: e, censored }, gapLoss: e },
          extraRounds: { estimate: e, censored },
          newTasks: onBases({ last: { accuracy: e }, target: { loss: e } }),
          gains: onBases({ best: { loss: e }, earlyStop: { accuracy: e } }),
        }),
      );
    fc.assert(
      fc.property(fc.array(anyRow, { minLength: 1, maxLength: 5 }), (rows) => {
        const parsed = csvParse(tradeoffCsv({ ...classification, rows }));
        expect(parsed).toHaveLength(rows.length);
        rows.forEach((expected, index) => {
          const line = parsed[index];
          expect(line['label']).toBe(expected.label);
          expect(JSON.parse(line['axes'])).toEqual(expected.axes);
          expect(Number(line['runs_censored'])).toBe(expected.roundsToTarget.censored);
          expect(Number(line['extra_rounds_censored'])).toBe(expected.extraRounds.censored);
          for (const [name, of] of Object.entries(CSV_COLUMNS)) {
            const wanted = of(expected);
            const number = (part: string) => (line[`${name}_${part}`] === '' ? null : Number(line[`${name}_${part}`]));
            expect([number('mean'), number('low'), number('high'), number('n')]).toEqual(
              wanted ? [wanted.mean, wanted.low, wanted.high, wanted.n].map(positiveZero) : [null, null, null, 0],
            );
          }
        });
      }),
    );
  });
});

describe('the table of a trade-off', () => {
  const cell = (tradeoff: Tradeoff, line: number, column: string) => {
    const { columns, rows } = tradeoffTable(tradeoff);
    return rows[line][columns.findIndex((title) => title.startsWith(column))];
  };

  it.each(Object.entries({ classification, regression, unstarted, crowded }))('has as many cells as columns: %s', (_, tradeoff) => {
    const { columns, rows } = tradeoffTable(tradeoff);
    expect(rows).toHaveLength(tradeoff.rows.length);
    for (const cells of rows) expect(cells).toHaveLength(columns.length);
  });

  it('shows accuracies in percent and differences in points, with signs, at the last and at the best round', () => {
    expect(tradeoffTable(classification).columns).toEqual([
      'point',
      'n',
      'rounds to target',
      'new-task accuracy %',
      'accuracy − ideal, last round (points)',
      'accuracy − ideal, best round (points)',
      'gap (loss)',
      'train loss',
    ]);
    expect(tradeoffTable(classification).rows[3]).toEqual([
      '20 dB',
      '3 of 3',
      '265 ± 15',
      '67.0 ± 3.1',
      '+0.5 ± 1.2',
      '+1.0 ± 1.1',
      '0.350 ± 0.040',
      '0.450 ± 0.050',
    ]);
    expect(cell(classification, 4, 'accuracy −')).toBe('-');
  });

  it('says of losses that a negative difference is better', () => {
    expect(cell(regression, 0, 'loss − ideal, last round (negative is better)')).toBe('-0.125 ± 0.011');
    expect(cell(regression, 0, 'loss − ideal, best round (negative is better)')).toBe('0.000 ± 0.020');
    expect(cell(regression, 1, 'new-task loss')).toBe('1.625');
  });

  it('marks lower bounds and diverged runs', () => {
    expect(cell(classification, 0, 'rounds to target')).toBe('≥ 400 ± 30 (2 never)');
    expect(cell(classification, 0, 'n')).toBe('2 of 3 (1 diverged)');
  });

  it('writes a loss as fine as it is known', () => {
    const of = (mean: number, half: number | null) =>
      cell({ ...regression, rows: [row({ label: '', pointIndex: 0, trainLoss: estimate(mean, half) })] }, 0, 'train loss');
    expect(of(1.23456789, 0.00123)).toBe('1.2346 ± 0.0012');
    expect(of(1234.5, 56.7)).toBe('1235 ± 57');
    expect(of(1.23456789, 0)).toBe('1.235 ± 0.000');
    expect(of(1.23456789, 1e-12)).toBe('1.234568 ± 0.000000');
  });
});
