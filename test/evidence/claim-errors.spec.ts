/** The verdict on a claim errs in at most one of twenty experiments in which there is no gain. */
import { describe, expect, it, vi } from 'vitest';
import { COMPARED, DIVERGING, measureClaim, NULLS, OVER_TRAINED, raised, ROUGH_NULLS, SCATTER, SIZES, slower } from './claim-errors.js';

// A second or two each on a quiet machine, and much more beside other tests on a small one.
vi.setConfig({ testTimeout: 300_000 });

/** Experiments of one scenario. The longer program (`npm run bench -- evidence`) has more, and prints every rate. */
const EXPERIMENTS: Readonly<Record<(typeof COMPARED)[number], number>> = { 1: 120, 10: 15 };

/** What a rate that is truly 5 % exceeds by chance with probability 1e-4 (3.7 binomial deviations) among so many experiments. */
const bound = (experiments: number) => 0.05 + 3.7 * Math.sqrt((0.05 * 0.95) / experiments);

describe('false verdicts on identical mean curves', () => {
  it.each(SIZES.flatMap((n) => COMPARED.map((m) => [n, m] as const)))('are rare with n = %i and m = %i', (n, m) => {
    // Twin and point scatter alike and up to twice as much, in both directions; flat and over-trained; halves alike or not.
    const scenarios = NULLS.filter((scenario) => scenario.n === n && scenario.m === m);
    expect(scenarios).toHaveLength(7 * 2 * 2);
    const experiments = EXPERIMENTS[m];
    const rates = scenarios.map((scenario) => measureClaim(scenario, experiments, scenario.series));
    for (const verdict of ['supported', 'worse'] as const) {
      for (const [index, rate] of rates.entries()) expect(rate[verdict], JSON.stringify(scenarios[index])).toBeLessThan(bound(experiments));
      const all = rates.reduce((sum, rate) => sum + rate[verdict], 0) / rates.length;
      expect(all).toBeLessThan(bound(experiments * rates.length));
    }
  });

  it.each([
    ['replicates vary from round to round', ROUGH_NULLS],
    ['runs of both diverge', DIVERGING],
  ])('are rare when %s', (_, cases) => {
    const scenarios = cases.filter(({ m }) => m === 1);
    const rates = scenarios.map((scenario) => measureClaim(scenario, 200, scenario.series));
    for (const [index, { supported, worse }] of rates.entries()) {
      expect(Math.max(supported, worse), JSON.stringify(scenarios[index])).toBeLessThan(bound(200));
    }
  });

  it('are rare where a slower point is as good at its best', () => {
    const experiments = 300;
    const rates = measureClaim(
      { twin: OVER_TRAINED, point: slower(OVER_TRAINED, 0.1), scatter: [1, 1], wobble: true, n: 10, m: 1, score: 'accuracy' },
      experiments,
      1_000,
    );
    expect(rates.supported).toBeLessThan(bound(experiments));
  });
});

describe('a true gain', () => {
  it('of twice the scatter is shown by ten replicates more often than not, and never called worse', () => {
    const scenario = { twin: OVER_TRAINED, point: raised(OVER_TRAINED, 2 * SCATTER), scatter: [1, 1], wobble: true, m: 1 } as const;
    const rates = measureClaim({ ...scenario, n: 10, score: 'accuracy' }, 200, 1_001);
    console.log(`power for a gain of twice the scatter, n = 10, m = 1: ${Math.round(100 * rates.supported)} %`);
    // 92 % in a longer simulation; 80 % is six binomial deviations below.
    expect(rates.supported).toBeGreaterThan(0.8);
    expect(rates.worse).toBe(0);
  });
});
