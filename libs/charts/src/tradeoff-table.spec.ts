import type { Tradeoff } from '@airmeta/spec';
import { describe, expect, it } from 'vitest';
import { classification, crowded, estimate, extraRounds, regression, row, troubled, unstarted } from '../test/tradeoffs.js';
import { physicalTable } from './physical-table.js';
import { roundsTable } from './rounds-table.js';
import { tradeoffNotes, tradeoffTable } from './tradeoff-table.js';

describe('the table of a trade-off', () => {
  const cell = (tradeoff: Tradeoff, line: number, column: string) => {
    const { columns, rows } = tradeoffTable(tradeoff);
    return rows[line][columns.findIndex((title) => title.startsWith(column))];
  };

  it.each(Object.entries({ classification, regression, unstarted, crowded, troubled }))(
    'has as many cells as columns: %s',
    (_, tradeoff) => {
      expect(tradeoffTable(tradeoff).rows).toHaveLength(tradeoff.rows.length);
      for (const { columns, rows } of [tradeoffTable(tradeoff), roundsTable(tradeoff), physicalTable(tradeoff)])
        for (const cells of rows) expect(cells).toHaveLength(columns.length);
    },
  );

  it('shows accuracies in percent and differences in points, with signs, at the last and at the best round', () => {
    expect(tradeoffTable(classification).columns).toEqual([
      'point',
      'n',
      'reached target',
      'mean rounds to target, up to 600',
      'new-task accuracy %',
      'accuracy − ideal, last round (points)',
      'accuracy − ideal, best round (points)',
      'gap (loss)',
      'train loss',
    ]);
    expect(tradeoffTable(classification).rows[3]).toEqual([
      '20 dB',
      '3 of 3',
      '3 of 3',
      '260 to 270 [250, 280]',
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

  it('counts what did not arrive, and makes no number up for it', () => {
    expect(cell(classification, 0, 'mean rounds')).toBe('395 to 405 [370, 430]');
    expect(cell(classification, 0, 'reached')).toBe('1 of 3, 1 diverged');
    expect(cell(classification, 0, 'n')).toBe('2 of 3 (1 diverged)');
    expect(cell(troubled, 0, 'mean rounds')).toBe('none by 600');
    expect(roundsTable(troubled).rows[0].slice(3)).toEqual([
      'at least 600 [600, no upper end]',
      '3',
      'at least +40 [+20, no upper end] (geometric mean, 2 never, 1 diverged)',
      '+150 to +170 [+140, +180]',
    ]);
    expect(roundsTable(troubled).rows[2].slice(4)).toEqual(['-', '-', '-']);
  });

  it('counts what has no target among all that have ended', () => {
    const [first] = classification.rows;
    const rounds = { ...first.roundsToTarget, n: 2, reached: 2, censored: 0, diverged: 0, withoutTarget: 4 };
    const pairs = { ...extraRounds(0.4, 0.2), withoutTarget: 4 };
    const tradeoff = { ...classification, rows: [{ ...first, roundsToTarget: rounds, extraRounds: pairs }] };
    expect(cell(tradeoff, 0, 'reached')).toBe('2 of 6, 4 without a target');
    expect(roundsTable(tradeoff).rows[0].slice(4)[1]).toBe('+35 to +45 [+20, +60] (geometric mean, 4 without a target)');
    const none = { ...rounds, n: 0, reached: 0, horizon: null, restrictedMean: null, median: null };
    expect(cell({ ...tradeoff, rows: [{ ...first, roundsToTarget: none }] }, 0, 'reached')).toBe('0 of 4, 4 without a target');
    expect(cell(unstarted, 0, 'reached')).toBe('-');
  });

  it('counts the pairs of a gain where they are not the completed runs', () => {
    const [, second] = classification.rows;
    const gains = { ...second.gains, last: { accuracy: estimate(-0.1, 0.02, 2), loss: null } };
    const tradeoff = { ...classification, rows: [{ ...second, gains }] };
    expect(cell(tradeoff, 0, 'accuracy − ideal, last')).toBe('-10.0 ± 2.0 (n 2)');
    expect(cell(tradeoff, 0, 'accuracy − ideal, best')).toBe('-9.0 ± 1.1');
  });

  it('says that a default target is the twin’s own, and what single intervals are', () => {
    const notes = tradeoffNotes(classification).join('\n');
    expect(notes).toContain('which it reaches by construction');
    expect(notes).toContain('give targetTrainLoss in the specification for a target of your own');
    expect(notes).toContain('each interval by itself; a claim corrects for the number of points');
    expect(tradeoffNotes(regression).join()).not.toMatch(/by construction|of your own/);
  });

  it('writes no half-width of an interval that is cut, and the robust figure beside a mean that is not to be trusted', () => {
    expect(cell(troubled, 1, 'new-task accuracy')).toBe('97.0 [90.0, 100.0] † 98.5');
    expect(tradeoffNotes(troubled).join()).toContain('† values far from the others');
    expect(tradeoffNotes(classification).join()).not.toContain('†');
  });

  it('says what is compared, how it was tuned, and by what updates were multiplied', () => {
    const tuning = { axis: 'meta.metaStep', chosenOn: 2, judgedOn: 3, by: 'newTasksLoss' };
    const tuned = {
      ...troubled,
      against: 'tuned' as const,
      tuning,
      rows: [{ ...troubled.rows[0], tuned: { value: 0.3, twinValue: 0.1, atEnd: false, twinAtEnd: false } }],
    };
    expect(tradeoffTable(tuned).columns).toEqual(
      expect.arrayContaining(['meta.metaStep: chosen; twin’s', 'accuracy − tuned ideal, last round (points)', 'update gain c']),
    );
    expect(tradeoffTable(tuned).rows[0].slice(0, 2)).toEqual(['-10 dB', '0.3; 0.1']);
    expect(tradeoffNotes(tuned).join()).toContain('chosen on the first 2 replicates and judged on the other 3');
    expect(cell(troubled, 0, 'update gain c')).toBe('0.390 ± 0.020');
  });

  it('says how updates arrived and what that took, where it was measured', () => {
    expect(physicalTable(classification).rows).toEqual([]);
    const { columns, rows } = physicalTable(troubled);
    expect(columns.slice(0, 4)).toEqual(['point', 'update gain c', 'twin’s c', 'misalignment']);
    expect(rows[0].slice(1)).toEqual(['0.390 ± 0.020', '1', '0.60 ± 0.10', '0.400 ± 0.050', '0.0 ± 0.0', '1', '61000 ± 1220', '123456']);
  });

  it('writes a loss as fine as it is known', () => {
    const of = (mean: number, half: number | null) =>
      cell({ ...regression, rows: [row({ label: '', pointIndex: 0, trainLoss: estimate(mean, half) })] }, 0, 'train loss');
    expect(of(1.23456789, 0.00123)).toBe('1.2346 ± 0.0012');
    expect(of(1234.5, 56.7)).toBe('1235 ± 57');
    expect(of(1.23456789, 0)).toBe('1.235 ± 0.000');
    expect(of(1.23456789, 1e-9)).toBe('1.234568 ± 0.000000');
  });
});
