import { describe, expect, it } from 'vitest';
import { mathFingerprint } from './math-fingerprint.js';

describe('the fingerprint of elementary functions', () => {
  it('is eight hexadecimal digits, and the same every time', () => {
    expect(mathFingerprint()).toMatch(/^[0-9a-f]{8}$/);
    expect(mathFingerprint()).toBe(mathFingerprint());
  });

  it('tells the last bit of one value', () => {
    const nudged = (at: number) => {
      let calls = 0;
      return mathFingerprint({ sin: (x) => Math.sin(x) * (calls++ === at ? 1 + Number.EPSILON : 1) });
    };
    expect(new Set([nudged(-1), nudged(0), nudged(1023)]).size).toBe(3);
  });
});
