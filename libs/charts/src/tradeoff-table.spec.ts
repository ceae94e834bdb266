import type { Tradeoff } from '@airmeta/spec';
import { describe, expect, it } from 'vitest';
import { classification, crowded, estimate, regression, row, unstarted } from '../test/tradeoffs.js';
import { tradeoffTable } from './tradeoff-table.js';

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
