import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  angleSchema,
  decibelSchema,
  durationMs,
  durationSchema,
  inDecibels,
  inRadians,
  powerSchema,
  powerWatt,
  snrDb,
  snrSchema,
} from './units.js';

const refusal = (schema: typeof snrSchema, input: unknown) =>
  schema
    .safeParse(input)
    .error?.issues.map(({ message }) => message)
    .join();

describe('a signal-to-noise ratio', () => {
  it.each([
    ['10 dB', '10 dB', 10],
    ['10.0 dB', '10 dB', 10],
    ['-3.5dB', '-3.5 dB', -3.5],
    ['  +1e1   dB ', '10 dB', 10],
    ['-0 dB', '0 dB', 0],
    ['.5 dB', '0.5 dB', 0.5],
    ['noiseless', 'noiseless', null],
    [' noiseless ', 'noiseless', null],
  ])('reads %j as %j', (written, canonical, decibels) => {
    expect(snrSchema.parse(written)).toBe(canonical);
    expect(snrDb(snrSchema.parse(written))).toBe(decibels);
  });

  it.each([
    ['10', '"10" has no unit; write "10 dB"'],
    [10, 'a signal-to-noise ratio needs its unit: write "10 dB", or "noiseless"'],
    ['10 W', '"W" is not a unit of signal-to-noise ratio; only dB is, as in "10 dB"'],
    ['10 db', '"db" is not a unit'],
    ['10 dBm', '"dBm" is not a unit'],
    ['201 dB', '201 dB is out of range; allowed is -200 dB to 200 dB'],
    ['1e999 dB', 'Infinity dB is out of range'],
    ['loud', '"loud" is not a signal-to-noise ratio; write for example "10 dB"'],
    ['', '"" is not a signal-to-noise ratio'],
    ['10 dB 3', 'is not a signal-to-noise ratio'],
    [null, 'expected a signal-to-noise ratio such as "10 dB", or "noiseless", not null'],
    [['10 dB'], 'not a list'],
  ])('refuses %j: %s', (written, sentence) => {
    expect(refusal(snrSchema, written)).toContain(sentence);
  });

  it('reads long text once, where looking back from every space would outlast the test, and quotes little of it', () => {
    const message = refusal(snrSchema, `1${' '.repeat(2_000_000)}1`);
    expect(message?.length).toBeLessThan(250);
  });

  it('has a canonical text that is its own canonical text', () => {
    fc.assert(
      fc.property(fc.double({ min: -200, max: 200, noNaN: true }), (decibels) => {
        const canonical = snrSchema.parse(`${decibels} dB`);
        expect(snrSchema.parse(canonical)).toBe(canonical);
        expect(snrDb(canonical)).toBe(decibels === 0 ? 0 : decibels);
      }),
    );
  });
});

describe('a power', () => {
  it.each([
    ['1 W', '1 W', 1],
    ['100 mW', '0.1 W', 0.1],
    ['100mW', '0.1 W', 0.1],
    ['2.5 kW', '2500 W', 2500],
    ['3 uW', '0.000003 W', 3e-6],
  ])('reads %j as %j', (written, canonical, watt) => {
    expect(powerSchema.parse(written)).toBe(canonical);
    expect(powerWatt(canonical)).toBe(watt);
  });

  it.each([
    ['1', '"1" has no unit; write one of W, mW, uW, kW, as in "1 W"'],
    [1, 'a power needs its unit: write "1 W"'],
    ['30 dBm', '"dBm" is not a unit of power; allowed are W, mW, uW, kW'],
    ['1 constructor', '"constructor" is not a unit of power'],
    ['0 W', '"0 W" is out of range; allowed is 1e-12 W to 1000000000 W'],
    ['-1 W', 'out of range'],
    ['1e-400 W', 'out of range'],
    ['much', '"much" is not a power'],
  ])('refuses %j: %s', (written, sentence) => {
    expect(refusal(powerSchema, written)).toContain(sentence);
  });

  it('has a canonical text that is its own canonical text', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-5, max: 1e6, noNaN: true }), fc.constantFrom('W', 'mW', 'uW', 'kW'), (value, unit) => {
        const canonical = powerSchema.parse(`${value} ${unit}`);
        expect(powerSchema.parse(canonical)).toBe(canonical);
      }),
    );
  });
});

describe('a quantity of one unit', () => {
  const angles = angleSchema('a phase error', 0, 90, 'An angle.');
  const ratios = decibelSchema('a K factor', -60, 60, 'A ratio.');

  it.each([
    ['10 deg', '10 deg', Math.PI / 18],
    [' 1e1deg', '10 deg', Math.PI / 18],
    ['-0 deg', '0 deg', 0],
    ['90.0 deg', '90 deg', Math.PI / 2],
  ])('reads the angle %j as %j', (written, canonical, radians) => {
    expect(angles.parse(written)).toBe(canonical);
    expect(inRadians(angles.parse(written))).toBeCloseTo(radians, 15);
  });

  it.each([
    ['6.0dB', '6 dB', 6],
    ['-3 dB', '-3 dB', -3],
  ])('reads the ratio %j as %j', (written, canonical, decibels) => {
    expect(ratios.parse(written)).toBe(canonical);
    expect(inDecibels(canonical)).toBe(decibels);
  });

  it.each([
    ['10', '"10" has no unit; write "10 deg"'],
    [10, 'a phase error needs its unit: write "10 deg"'],
    ['0.2 rad', '"rad" is not a unit of a phase error; only deg is, as in "0.2 deg"'],
    ['91 deg', '91 deg is out of range; allowed is 0 deg to 90 deg'],
    ['-1 deg', 'out of range'],
    ['none', '"none" is not a phase error; write for example "6 deg"'],
    [null, 'expected a phase error such as "6 deg", not null'],
  ])('refuses %j: %s', (written, sentence) => {
    expect(refusal(angles, written)).toContain(sentence);
  });
});

describe('a length of time', () => {
  const durations = durationSchema('How long.');

  it.each([
    ['30 s', '30 s', 30_000],
    ['10 min', '600 s', 600_000],
    [' 1.5h ', '5400 s', 5_400_000],
    ['1e2 d', '8640000 s', 8_640_000_000],
    ['.5 min', '30 s', 30_000],
    ['1.0005 s', '1.0005 s', 1001],
    ['366 d', '31622400 s', 31_622_400_000],
  ])('reads %j as %j', (written, canonical, milliseconds) => {
    expect(durations.parse(written)).toBe(canonical);
    expect(durations.parse(canonical)).toBe(canonical);
    expect(durationMs(canonical)).toBe(milliseconds);
  });

  it.each([
    ['10', '"10" has no unit; write one of s, min, h, d, as in "10 min"'],
    [10, 'a length of time needs its unit: write "10 min"'],
    ['10 m', '"m" is not a unit of time; allowed are s, min, h, d'],
    ['10 constructor', '"constructor" is not a unit of time'],
    ['0.5 s', '"0.5 s" is out of range; allowed is 1 s to 366 d'],
    ['-1 h', 'out of range'],
    ['367 d', 'out of range'],
    ['long', '"long" is not a length of time'],
    [null, 'expected a length of time such as "10 min", not null'],
  ])('refuses %j: %s', (written, sentence) => {
    expect(refusal(durations, written)).toContain(sentence);
  });
});
