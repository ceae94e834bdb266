import { describe, expect, it } from 'vitest';
import { metaStepAt } from './meta-step.js';

const T = 100;
const course = (metaStep: Parameters<typeof metaStepAt>[0]) => Array.from({ length: T }, (_, round) => metaStepAt(metaStep, round, T));

describe('the meta step', () => {
  it('is the same in every round when it is a number', () => {
    expect(new Set(course(0.3))).toEqual(new Set([0.3]));
  });

  it.each(['inverse', 'inverse-sqrt'] as const)('%s: starts at the initial step and has halved after the half-life', (decay) => {
    const values = course({ initial: 0.8, decay, halfLife: 20 });
    expect(values[0]).toBe(0.8);
    expect(values[20]).toBeCloseTo(0.4, 15);
    // After four half-lives: 1/5 and 1/sqrt(13).
    expect(values[80]).toBeCloseTo(decay === 'inverse' ? 0.8 / 5 : 0.8 / Math.sqrt(13), 15);
  });

  it('cosine: falls from the initial step to the final share of it, half of the way at half time', () => {
    const values = course({ initial: 2, decay: 'cosine', finalShare: 0.1 });
    expect(values[0]).toBe(2);
    expect(values[50]).toBeCloseTo(1.1, 14);
    expect(metaStepAt({ initial: 2, decay: 'cosine', finalShare: 0.1 }, T, T)).toBeCloseTo(0.2, 15);
  });

  it('step: is cut every so many rounds', () => {
    const values = course({ initial: 1, decay: 'step', every: 30, factor: 0.1 });
    expect([values[0], values[29], values[30], values[59]]).toEqual([1, 1, 0.1, 0.1]);
    expect(values[99]).toBeCloseTo(1e-3, 15);
  });

  it('never grows and never is negative', () => {
    for (const metaStep of [
      { initial: 1, decay: 'inverse', halfLife: 1 },
      { initial: 1, decay: 'inverse-sqrt', halfLife: 7 },
      { initial: 1, decay: 'cosine', finalShare: 0 },
      { initial: 1, decay: 'step', every: 3, factor: 0.9 },
    ] as const) {
      const values = course(metaStep);
      values.slice(1).forEach((value, round) => expect(value).toBeLessThanOrEqual(values[round]));
      expect(Math.min(...values)).toBeGreaterThan(0);
    }
  });
});
