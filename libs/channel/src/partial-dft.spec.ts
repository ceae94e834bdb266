import {
  complexEnergy,
  complexZeros,
  createExactFourier,
  halfSpectrumSize,
  randomStream,
  type ComplexSamples,
  type ComplexVector,
} from '@airmeta/numerics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawNoise } from './noise.js';
import { PartialDft } from './partial-dft.js';

/** A small operator with its random vectors: length N >= d, M rows in any order. */
interface Setting {
  readonly length: number;
  readonly d: number;
  readonly rows: Int32Array;
  readonly x: Float64Array;
  readonly y: ComplexSamples;
}

const settings = fc
  .record({
    length: fc.integer({ min: 1, max: 48 }),
    padding: fc.double({ min: 0, max: 1, noNaN: true }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    seed: fc.nat(),
  })
  .map(({ length, padding, share, seed }): Setting => {
    const stream = randomStream(seed, 'compression-rows');
    const d = 1 + Math.floor(padding * (length - 1));
    const uses = 1 + Math.floor(share * (length - 1));
    return {
      length,
      d,
      rows: stream.sample(length, uses),
      x: Float64Array.from({ length: d }, () => stream.normal()),
      y: drawNoise(2, uses, stream),
    };
  });

const operatorOf = ({ length, d, rows }: Setting) => new PartialDft(rows, d, createExactFourier(length));

/** A[j, p] = exp(-2 pi i rows[j] p / N) / sqrt(N), written out. */
function entry({ length, rows }: Setting, use: number, p: number): readonly [re: number, im: number] {
  const angle = (-2 * Math.PI * ((rows[use] * p) % length)) / length;
  return [Math.cos(angle) / Math.sqrt(length), Math.sin(angle) / Math.sqrt(length)];
}

function matrixTimes(setting: Setting, x: Float64Array): ComplexVector {
  const result = complexZeros(setting.rows.length);
  for (let use = 0; use < setting.rows.length; use++) {
    for (let p = 0; p < setting.d; p++) {
      const [re, im] = entry(setting, use, p);
      result.re[use] += re * x[p];
      result.im[use] += im * x[p];
    }
  }
  return result;
}

/** Re(A^H y), written out. */
function realAdjointTimes(setting: Setting, y: ComplexSamples): Float64Array {
  return Float64Array.from({ length: setting.d }, (_, p) => {
    let sum = 0;
    for (let use = 0; use < setting.rows.length; use++) {
      const [re, im] = entry(setting, use, p);
      sum += re * y.re[use] + im * y.im[use];
    }
    return sum;
  });
}

const dot = (a: Float64Array, b: Float64Array | Float32Array) => a.reduce((sum, value, index) => sum + value * b[index], 0);

/** Sums of at most 48 terms of size 1 to 4 in double precision agree far better than this. */
const ROUNDING = 1e-12;

function expectClose(actual: Float64Array, expected: Float64Array): void {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((value, index) => expect(Math.abs(actual[index] - value)).toBeLessThan(ROUNDING));
}

describe('partial DFT', () => {
  it('is the matrix of its definition', () => {
    fc.assert(
      fc.property(settings, (setting) => {
        const actual = operatorOf(setting).apply(setting.x);
        const expected = matrixTimes(setting, setting.x);
        expectClose(actual.re, expected.re);
        expectClose(actual.im, expected.im);
      }),
    );
  });

  it('has the real adjoint of its definition', () => {
    fc.assert(
      fc.property(settings, (setting) => {
        const actual = new Float64Array(setting.d);
        operatorOf(setting).adjoint(setting.y, actual);
        expectClose(actual, realAdjointTimes(setting, setting.y));
      }),
    );
  });

  it('satisfies Re <A x, y> = <x, Re A^H y>', () => {
    fc.assert(
      fc.property(settings, (setting) => {
        const operator = operatorOf(setting);
        const compressed = operator.apply(setting.x);
        const back = new Float64Array(setting.d);
        operator.adjoint(setting.y, back);
        const left = dot(compressed.re, setting.y.re) + dot(compressed.im, setting.y.im);
        expect(Math.abs(left - dot(setting.x, back))).toBeLessThan(1e-11);
      }),
    );
  });

  it('has orthonormal rows: A A^H = I when N = d', () => {
    fc.assert(
      fc.property(settings, ({ length, rows, x, y }) => {
        const operator = operatorOf({ length, d: length, rows, x, y });
        const columns = Array.from({ length }, (_, p) => operator.apply(Float64Array.from({ length }, (_, at) => (at === p ? 1 : 0))));
        for (let a = 0; a < rows.length; a++) {
          for (let b = 0; b < rows.length; b++) {
            let re = 0;
            let im = 0;
            for (const column of columns) {
              re += column.re[a] * column.re[b] + column.im[a] * column.im[b];
              im += column.im[a] * column.re[b] - column.re[a] * column.im[b];
            }
            expect(Math.abs(re - (a === b ? 1 : 0))).toBeLessThan(ROUNDING);
            expect(Math.abs(im)).toBeLessThan(ROUNDING);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it('knows ||A x||^2 without computing A x, and keeps all of it when every row is there', () => {
    fc.assert(
      fc.property(settings, (setting) => {
        const operator = operatorOf(setting);
        expect(operator.energy(setting.x)).toBeCloseTo(complexEnergy(operator.apply(setting.x)), 11);
        const whole = operatorOf({ ...setting, rows: Int32Array.from({ length: setting.length }, (_, row) => row) });
        expect(whole.energy(setting.x)).toBeCloseTo(dot(setting.x, setting.x), 11);
      }),
    );
  });

  it.each([-1, 8])('refuses row %i of a transform of length 8', (row) => {
    expect(() => new PartialDft(Int32Array.of(0, row), 8, createExactFourier(8))).toThrow(/is not in 0\.\.7/);
  });
});

describe('folding onto the half spectrum', () => {
  it('recovers the spectrum of a real vector wherever it was observed', () => {
    fc.assert(
      fc.property(settings, (setting) => {
        const operator = operatorOf(setting);
        const bins = halfSpectrumSize(setting.length);
        const [re, im, foldedRe, foldedIm] = Array.from({ length: 4 }, () => new Float64Array(bins));
        operator.spectrum(setting.x, re, im);
        operator.fold(operator.apply(setting.x), foldedRe, foldedIm);
        for (let bin = 0; bin < bins; bin++) {
          const seen = operator.looks[bin] > 0;
          expect(Math.abs(foldedRe[bin] - (seen ? re[bin] : 0))).toBeLessThan(ROUNDING);
          expect(Math.abs(foldedIm[bin] - (seen ? im[bin] : 0))).toBeLessThan(ROUNDING);
        }
      }),
    );
  });

  it('leaves noise of variance N0 / looks in every observed bin', () => {
    // N = 16: bins 0 and 8 are self-conjugate, bin 3 is seen twice (rows 3 and 13), bin 5 once as row 5, bin 2 once as row 14.
    const operator = new PartialDft(Int32Array.of(14, 0, 3, 8, 13, 5), 16, createExactFourier(16));
    expect([...operator.looks]).toEqual([2, 0, 1, 2, 0, 1, 0, 0, 2]);
    expect([...operator.observed]).toEqual([0, 2, 3, 5, 8]);

    const noiseVariance = 3;
    const blocks = 5000;
    const stream = randomStream(8, 'noise');
    const [re, im, energyRe, energyIm] = Array.from({ length: 4 }, () => new Float64Array(9));
    for (let block = 0; block < blocks; block++) {
      operator.fold(drawNoise(noiseVariance, operator.uses, stream), re, im);
      re.forEach((value, bin) => (energyRe[bin] += value ** 2));
      im.forEach((value, bin) => (energyIm[bin] += value ** 2));
    }
    // A sum of n squares of N(0, v), over v, is chi-square: it leaves n -2 sqrt(20 n) .. +2 sqrt(20 n) + 40 with probability 4e-9.
    const spread = 2 * Math.sqrt(20 * blocks);
    for (const bin of operator.observed) {
      const selfConjugate = operator.multiplicity[bin] === 1;
      const total = noiseVariance / operator.looks[bin];
      const parts = selfConjugate ? [energyRe[bin] / total] : [energyRe[bin] / (total / 2), energyIm[bin] / (total / 2)];
      for (const chiSquare of parts) {
        expect(chiSquare).toBeGreaterThan(blocks - spread);
        expect(chiSquare).toBeLessThan(blocks + spread + 40);
      }
      if (selfConjugate) expect(energyIm[bin]).toBe(0);
    }
  });
});
