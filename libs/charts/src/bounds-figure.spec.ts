import { BOUND_CONSTANTS, type BoundsAtRound, type BoundsReport, type ConstantEstimate } from '@airmeta/spec';
import { describe, expect, it } from 'vitest';
import { drawnTexts, keepingLogger } from '../test/drawn.js';
import { boundsFigure, TERM_NAMES, type BoundedPoint } from './bounds-figure.js';
import { renderSvg } from './render-svg.js';

function at(round: number, changes: Partial<BoundsAtRound> = {}): BoundsAtRound {
  const terms = { initialisation: 100 / round, aggregation: 3, sampling: 2, drift: 1, heterogeneity: 20, sparsification: 0, bias: 0.1 };
  return {
    ...{ round, terms, convergenceBound: 26.1 + 100 / round, meanGradientEnergy: 0.5 },
    ...{ informationNats: 7 * round, gapBound: round, environmentGap: -0.1, newTasksGap: 0.2 },
    ...changes,
  };
}

function report(changes: Partial<BoundsReport> = {}): BoundsReport {
  const estimate: ConstantEstimate = { value: 1, least: 1, greatest: 1, samples: 1 };
  return {
    outcome: { kind: 'completed', rounds: 20 },
    constants: Object.fromEntries(BOUND_CONSTANTS.map((name) => [name, estimate])) as BoundsReport['constants'],
    ...{ metaSmoothness: 4, metaVariance: 1, metaHeterogeneity: 1, secantMetaSmoothness: null },
    conditions: [{ condition: 'constant eta', holds: true, detail: 'eta is 0.1' }],
    rounds: [at(10), at(20)],
    ...changes,
  };
}

const diverged = report({ outcome: { kind: 'diverged', round: 11, reason: 'a local update is not finite' }, rounds: [at(10)] });
const noiseless = report({ rounds: [10, 20].map((round) => at(round, { informationNats: Infinity, gapBound: Infinity })) });
const failing = report({ conditions: [{ condition: 'constant eta', holds: false, detail: 'eta decays' }] });

describe('the figure of bounds', () => {
  it.each<[string, BoundedPoint[]]>([
    [
      'several points',
      [
        { label: '0 dB', reports: [report(), report(), diverged] },
        { label: 'noiseless', reports: [noiseless] },
      ],
    ],
    ['nothing but divergence', [{ label: '0 dB', reports: [diverged] }]],
    [
      'no gap at all',
      [{ label: 'base', reports: [report({ rounds: [at(20, { environmentGap: 0, newTasksGap: 0, gapBound: Infinity })] })] }],
    ],
  ])('compiles and draws without complaint: %s', async (_, points) => {
    const { log, said } = keepingLogger();
    const svg = await renderSvg(boundsFigure('two bounds', points), log);
    expect(svg).toMatch(/^<svg/);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    expect(said).toEqual([]);
  });

  it('says that it shows a template, names points and terms, and what does not hold', async () => {
    const texts = await drawnTexts(
      boundsFigure('two bounds', [
        { label: '0 dB', reports: [report(), failing] },
        { label: 'noiseless', reports: [noiseless] },
      ]),
    );
    expect(texts).toEqual(expect.arrayContaining(["two bounds: measured beside the bounds (template, not the paper's theorem)"]));
    expect(texts).toEqual(expect.arrayContaining(['0 dB', 'noiseless', 'bound', 'measured', ...Object.values(TERM_NAMES)]));
    expect(texts).toContain('not all conditions of the convergence bound hold, so that it promises nothing here');
    expect(texts).toContain('all conditions of the convergence bound hold; no noise: the bound of the gap is infinite, and not drawn');
  });
});
