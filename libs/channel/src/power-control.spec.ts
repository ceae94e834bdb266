import type { ComplexVector } from '@airmeta/numerics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocatePower as allocate, precode, type PowerAllocation, type PowerControl } from './power-control.js';

/** Precoding and allocation at once. */
function allocatePower(
  control: PowerControl,
  energy: Float64Array,
  gains: ComplexVector,
  budget: number,
  meanGain: number,
): PowerAllocation {
  return allocate(control, precode(control, gains), energy, budget, { meanGain });
}

const gainsOf = (parts: readonly (readonly [re: number, im: number])[]): ComplexVector => ({
  re: Float64Array.from(parts, ([re]) => re),
  im: Float64Array.from(parts, ([, im]) => im),
});

const part = fc.double({ min: -3, max: 3, noNaN: true });
const agents = fc
  .array(fc.record({ re: part, im: part, energy: fc.double({ min: 1e-3, max: 1e6, noNaN: true }) }), { minLength: 1, maxLength: 12 })
  .map((list) => ({
    gains: gainsOf(list.map(({ re, im }) => [re, im])),
    energy: Float64Array.from(list, ({ energy }) => energy),
  }));
const budgets = fc.double({ min: 1e-3, max: 1e6, noNaN: true });
const controls = fc.oneof(
  fc.constant<PowerControl>({ kind: 'phase-only' }),
  fc.double({ min: 0.05, max: 3, noNaN: true }).map((threshold): PowerControl => ({ kind: 'truncated-inversion', threshold })),
);

describe('power control', () => {
  it('keeps every agent within its block budget, and the strongest exactly at it', () => {
    fc.assert(
      fc.property(agents, budgets, controls, ({ gains, energy }, budget, control) => {
        const { amplitude, precoderEnergy, transmitting } = allocatePower(control, energy, gains, budget, 1);
        if (amplitude === null) {
          expect(transmitting).not.toContain(true);
          return;
        }
        const spent = energy.map((value, agent) => amplitude ** 2 * precoderEnergy[agent] * value);
        expect(Math.max(...spent) / budget).toBeCloseTo(1, 12);
        transmitting.forEach((sends, agent) => {
          if (!sends) expect(spent[agent]).toBe(0);
        });
      }),
    );
  });

  it('lets the receiver undo the amplitude', () => {
    fc.assert(
      fc.property(agents, budgets, controls, ({ gains, energy }, budget, control) => {
        const { amplitude, receiverScale, transmitting } = allocatePower(control, energy, gains, budget, 2.5);
        const divisor = control.kind === 'phase-only' ? 2.5 * energy.length : transmitting.filter(Boolean).length;
        if (amplitude === null || receiverScale === null) expect([amplitude, receiverScale, divisor]).toEqual([null, null, 0]);
        else expect(receiverScale * amplitude * divisor).toBeCloseTo(1, 12);
      }),
    );
  });

  it('sends nothing when there is nothing to send', () => {
    const { amplitude, receiverScale } = allocatePower(
      { kind: 'phase-only' },
      new Float64Array(2),
      gainsOf([
        [1, 0],
        [0, 1],
      ]),
      5,
      1,
    );
    expect([amplitude, receiverScale]).toEqual([null, null]);
  });
});

describe('phase-only precoding', () => {
  it('lets everybody transmit at full gain |h|, however weak the channel', () => {
    const gains = gainsOf([
      [3, -4],
      [0, 0],
      [-1e-9, 0],
    ]);
    const { transmitting, receivedWeight, precoderEnergy } = allocatePower({ kind: 'phase-only' }, Float64Array.of(1, 1, 1), gains, 1, 1);
    expect(transmitting).toEqual([true, true, true]);
    expect(receivedWeight).toEqual(Float64Array.of(5, 0, 1e-9));
    expect(precoderEnergy).toEqual(Float64Array.of(1, 1, 1));
  });
});

describe('truncated inversion', () => {
  const control: PowerControl = { kind: 'truncated-inversion', threshold: 0.5 };

  it('silences agents under the threshold; at the threshold they transmit', () => {
    const gains = gainsOf([
      [0.4999, 0],
      [0.3, 0.4],
      [0, -2],
    ]);
    const { transmitting, receivedWeight, precoderEnergy } = allocatePower(control, Float64Array.of(1, 1, 1), gains, 1, 1);
    expect(transmitting).toEqual([false, true, true]);
    expect(receivedWeight).toEqual(Float64Array.of(0, 1, 1));
    expect(precoderEnergy).toEqual(Float64Array.of(0, 4, 0.25));
  });

  it('is held back by the transmitter whose channel costs most, never by a silent one', () => {
    const gains = gainsOf([
      [0.1, 0],
      [0.5, 0],
      [2, 0],
    ]);
    const { amplitude } = allocatePower(control, Float64Array.of(1e9, 3, 8), gains, 48, 1);
    // Energies after inversion: 3 / 0.25 = 12 and 8 / 4 = 2.
    expect(amplitude).toBe(2);
  });

  it('gives no amplitude when everybody is silent', () => {
    const { amplitude, receiverScale, transmitting } = allocatePower(
      control,
      Float64Array.of(1, 1),
      gainsOf([
        [0.1, 0],
        [0, 0.2],
      ]),
      1,
      1,
    );
    expect([amplitude, receiverScale]).toEqual([null, null]);
    expect(transmitting).toEqual([false, false]);
  });
});
