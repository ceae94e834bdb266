import { csvParse } from 'd3-dsv';
import { printable, type Estimate, type TradeoffRow } from '@airmeta/spec';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classification, crowded, extraRounds, onBases, regression, roundsToTarget, row, troubled, unstarted } from '../test/tradeoffs.js';
import { tradeoffCsv } from './tradeoff-csv.js';

const number = fc.double({ noNaN: true, noDefaultInfinity: true });
const anyEstimate: fc.Arbitrary<Estimate | null> = fc.option(
  fc.record({
    mean: number,
    low: fc.option(number),
    high: fc.option(number),
    n: fc.integer({ min: 1, max: 50 }),
    outliers: fc.nat(9),
    heavyTails: fc.boolean(),
    robust: fc.option(fc.record({ value: number, low: fc.option(number), high: fc.option(number) })),
  }),
);

const CSV_COLUMNS: Readonly<Record<string, (row: TradeoffRow) => Estimate | null>> = {
  new_tasks_accuracy: ({ newTasks }) => newTasks.last.accuracy,
  gap_loss: ({ gapLoss }) => gapLoss,
  gain_loss_best: ({ gains }) => gains.best.loss,
  gain_accuracy_early_stop: ({ gains }) => gains.earlyStop.accuracy,
  new_tasks_loss_target: ({ newTasks }) => newTasks.target.loss,
  update_gain: ({ physical }) => physical.updateGain,
};

/** CSV has one zero. */
const positiveZero = (value: number | null) => (value === 0 ? 0 : value);

describe('the CSV of a trade-off', () => {
  it.each(Object.entries({ classification, regression, unstarted, crowded, troubled }))('has one line per point: %s', (_, tradeoff) => {
    expect(csvParse(tradeoffCsv(tradeoff)).map(({ label, role, point }) => [label, role, Number(point)])).toEqual(
      tradeoff.rows.map(({ label, role, pointIndex }) => [label, role, pointIndex]),
    );
    expect(tradeoffCsv(tradeoff).endsWith('\n')).toBe(true);
  });

  it('reads back as the same numbers and texts', () => {
    const anyRow = fc
      .record({
        label: fc.string({ unit: 'grapheme' }),
        e: anyEstimate,
        censored: fc.nat(3),
        bracket: fc.record({ atLeast: number, atMost: fc.option(number), low: fc.option(number), high: fc.option(number) }),
      })
      .map(({ label, e, censored, bracket }) =>
        row({
          ...{ label, pointIndex: 0, roundsToTarget: roundsToTarget(100, 10, { censored }), gapLoss: e },
          extraRounds: { ...extraRounds(0.5, 0.1, { censored }), share: bracket },
          physical: { ...row({ label, pointIndex: 0 }).physical, updateGain: e },
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
          expect(line['label']).toBe(printable(expected.label));
          const cell = (column: string) => (line[column] === '' ? null : Number(line[column]));
          expect(cell('rounds_to_target_censored')).toBe(expected.roundsToTarget.censored);
          expect(cell('rounds_to_target_horizon')).toBe(600);
          expect(line['extra_rounds_share_of']).toBe('geometricMean');
          const { atLeast = 0, atMost = 0, low = 0, high = 0 } = expected.extraRounds?.share ?? {};
          expect(['at_least', 'at_most', 'low', 'high'].map((part) => cell(`extra_rounds_share_${part}`))).toEqual(
            [atLeast, atMost, low, high].map(positiveZero),
          );
          for (const [name, of] of Object.entries(CSV_COLUMNS)) {
            const wanted = of(expected);
            const parts = ['mean', 'low', 'high', 'n', 'outliers', 'robust'].map((part) => cell(`${name}_${part}`));
            expect(line[`${name}_heavy_tails`]).toBe(wanted ? String(wanted.heavyTails) : '');
            expect(parts).toEqual(
              wanted
                ? [wanted.mean, wanted.low, wanted.high, wanted.n, wanted.outliers, wanted.robust?.value ?? null].map(positiveZero)
                : [null, null, null, 0, null, null],
            );
          }
        });
      }),
    );
  });

  it('leaves out what there is no number for, and says what else there is', () => {
    const [line] = csvParse(tradeoffCsv(troubled));
    expect(line).toMatchObject({
      ...{ against: 'ideal', twin_point: '4', caveats: 'updateGain diverged', pairs_diverged: '1', runs_missing: '0' },
      ...{ rounds_to_target_reached: '0', rounds_to_target_censored: '2', rounds_to_target_diverged: '1' },
      ...{ rounds_to_target_median_at_least: '600', rounds_to_target_median_at_most: '', rounds_to_target_median_high: '' },
      ...{ extra_rounds_share_at_least: '0.4', extra_rounds_share_high: '', update_gain_mean: '0.39', twin_update_gain_mean: '1' },
    });
  });
});
