import { csvParse } from 'd3-dsv';
import type { Estimate, TradeoffRow } from '@airmeta/spec';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classification, crowded, onBases, regression, row, unstarted } from '../test/tradeoffs.js';
import { tradeoffCsv } from './tradeoff-csv.js';

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
        e: anyEstimate,
        censored: fc.nat(9),
      })
      .map(({ label, e, censored }) =>
        row({
          ...{ label, pointIndex: 0, roundsToTarget: { estimate: e, censored }, gapLoss: e },
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
