/** Numbers as tables show them, at the sizes that runs which blow up come to. */
import { describe, expect, it } from 'vitest';
import { lossDifferenceText, lossText, percentText, quantityText } from './estimate-text.js';

const estimate = (mean: number, half: number) => ({ mean, low: mean - half, high: mean + half });

describe('an estimate', () => {
  it('is written as finely as its interval allows', () => {
    expect(lossText(estimate(0.61234, 0.021))).toBe('0.612 ± 0.021');
    expect(lossDifferenceText(estimate(-0.4, 0.13))).toBe('-0.40 ± 0.13');
    expect(percentText(estimate(0.571, 0.02))).toBe('57.1 ± 2.0');
  });

  it('of ten million or more is written with a power of ten', () => {
    expect(lossText(estimate(123_456_789_012, 9_876_543_210))).toBe('1.23e+11 ± 9.88e+9');
    expect(lossText({ mean: 2e20, low: null, high: null })).toBe('2.00e+20');
    expect(lossDifferenceText(estimate(3e9, 5))).toBe('+3.00e+9 ± 5.0');
    expect(quantityText(estimate(4e12, 1e11))).toBe('4.00e+12 ± 1.0e+11');
  });
});
