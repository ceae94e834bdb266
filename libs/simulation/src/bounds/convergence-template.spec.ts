import { BOUND_CONSTANTS, CONVERGENCE_TERMS, type BoundConstants } from '@airmeta/spec';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { convergenceTemplate, greatestMetaStep, metaConstants, sumOfTerms, type BoundSettings } from './convergence-template.js';

const CONSTANTS: BoundConstants = {
  ...{ gradientBound: 3, smoothness: 1, hessianLipschitz: 2, gradientVariance: 8, hessianVariance: 64 },
  ...{ gradientHeterogeneity: 0.5, hessianHeterogeneity: 4, updateEnergy: 10, aggregationError: 25, initialLoss: 7, lossProxy: 1 },
};

const SETTINGS: BoundSettings = {
  ...{ innerStep: 0.5, metaStep: 0.01, meanMetaStep: 0.01, localSteps: 2, agents: 10, activeAgents: 5, sparsity: 0.5 },
  ...{ support: 2, query: 4, hessian: 2 },
};

const positive = fc.double({ min: 1e-3, max: 1e3, noNaN: true });
const anyConstants = fc.record(Object.fromEntries(BOUND_CONSTANTS.map((name) => [name, positive]))) as fc.Arbitrary<BoundConstants>;
const anySettings: fc.Arbitrary<BoundSettings> = fc
  .record({
    innerStep: fc.double({ min: 0, max: 1, noNaN: true }),
    metaStep: fc.double({ min: 1e-4, max: 1, noNaN: true }),
    localSteps: fc.integer({ min: 1, max: 10 }),
    activeAgents: fc.integer({ min: 1, max: 50 }),
    silentAgents: fc.nat(50),
    sparsity: fc.double({ min: 0.01, max: 1, noNaN: true }),
    support: fc.integer({ min: 1, max: 50 }),
    query: fc.integer({ min: 1, max: 50 }),
  })
  .map(({ silentAgents, ...rest }) => ({
    ...rest,
    ...{ meanMetaStep: rest.metaStep, agents: rest.activeAgents + silentAgents, hessian: rest.support },
  }));

describe('the convergence template', () => {
  it('has the constants of the meta-loss, by hand', () => {
    const { smoothness, variance, heterogeneity, bias } = metaConstants(CONSTANTS, SETTINGS);
    expect(smoothness).toBe(4 * 1 + 0.5 * 2 * 3); // 7
    // 12 [9 + 8 (1/4 + 0.25/2)] [1 + 64 * 0.25 / 8] - 108 = 12 * 12 * 3 - 108
    expect(variance).toBeCloseTo(324, 10);
    expect(heterogeneity).toBeCloseTo(3 * 9 * 0.25 * 4 + 192 * 0.5, 10); // 123
    expect(bias).toBeCloseTo(2 * 0.5 * 1 * 2, 12);
  });

  it('has its terms by hand', () => {
    const terms = convergenceTemplate(CONSTANTS, SETTINGS, 100);
    expect(terms.initialisation).toBeCloseTo(56 / (100 * 0.01 * 2), 10); // 28
    expect(terms.aggregation).toBeCloseTo((4 * 0.01 * 7 * 25) / (2 * 25), 10); // 0.14
    expect(terms.sampling).toBeCloseTo(4 * 0.01 * 7 * 2 * 10, 10); // 5.6
    expect(terms.drift).toBeCloseTo(40 * 1e-4 * 2 * 49 * 324, 8); // 127.008
    expect(terms.heterogeneity).toBeCloseTo(240 * 1e-4 * 4 * 49 * 123, 8); // 578.592
    expect(terms.sparsification).toBeCloseTo((48 * 1e-4 * 4 * 49 * 0.75 * 10) / (0.25 * 0.25), 8); // 112.896
    expect(terms.bias).toBeCloseTo(4 * 0.25 * 1 * (8 / 2), 10); // 4
    expect(sumOfTerms(terms)).toBeCloseTo(28 + 0.14 + 5.6 + 127.008 + 578.592 + 112.896 + 4, 8);
    expect(greatestMetaStep(metaConstants(CONSTANTS, SETTINGS), SETTINGS)).toBeCloseTo(1 / (Math.sqrt(240) * 2 * 7), 12);
  });

  it('loses terms with what causes them: no error, no sparsification, no inner step', () => {
    const quiet = convergenceTemplate({ ...CONSTANTS, aggregationError: 0 }, { ...SETTINGS, sparsity: 1, innerStep: 0 }, 10);
    expect([quiet.aggregation, quiet.sparsification, quiet.bias]).toEqual([0, 0, 0]);
  });

  it('has no negative term, and the least of them is as great as its formula allows', () => {
    fc.assert(
      fc.property(anyConstants, anySettings, fc.integer({ min: 1, max: 1e6 }), (constants, settings, rounds) => {
        const terms = convergenceTemplate(constants, settings, rounds);
        for (const term of CONVERGENCE_TERMS) expect(terms[term], term).toBeGreaterThanOrEqual(0);
        expect(sumOfTerms(terms)).toBeGreaterThan(0);
      }),
    );
  });

  it('falls with rounds only in its first term', () => {
    fc.assert(
      fc.property(anyConstants, anySettings, fc.integer({ min: 1, max: 1e6 }), (constants, settings, rounds) => {
        const [less, more] = [rounds, 2 * rounds].map((t) => convergenceTemplate(constants, settings, t));
        expect(more.initialisation).toBeCloseTo(less.initialisation / 2, 10);
        expect({ ...more, initialisation: 0 }).toEqual({ ...less, initialisation: 0 });
      }),
    );
  });

  it.each([
    ['aggregationError', 'aggregation'],
    ['updateEnergy', 'sampling'],
    ['updateEnergy', 'sparsification'],
    ['gradientVariance', 'drift'],
    ['hessianVariance', 'drift'],
    ['gradientHeterogeneity', 'heterogeneity'],
    ['hessianHeterogeneity', 'heterogeneity'],
    ['gradientVariance', 'bias'],
    ['initialLoss', 'initialisation'],
  ] as const)('grows with %s in its term %s', (constant, term) => {
    fc.assert(
      fc.property(anyConstants, anySettings, (constants, settings) => {
        const more = { ...constants, [constant]: 2 * constants[constant] };
        expect(convergenceTemplate(more, settings, 10)[term]).toBeGreaterThanOrEqual(convergenceTemplate(constants, settings, 10)[term]);
      }),
    );
  });

  it('falls with more entries sent, and with more active agents for the same error of their sum', () => {
    fc.assert(
      fc.property(anyConstants, anySettings, (constants, settings) => {
        const terms = convergenceTemplate(constants, settings, 10);
        const denser = convergenceTemplate(constants, { ...settings, sparsity: (1 + settings.sparsity) / 2 }, 10);
        expect(denser.sparsification).toBeLessThanOrEqual(terms.sparsification);
        const { activeAgents, agents } = settings;
        const wider = convergenceTemplate(constants, { ...settings, activeAgents: activeAgents + 1, agents: agents + 1 }, 10);
        expect(wider.aggregation).toBeLessThan(terms.aggregation);
      }),
    );
  });
});
