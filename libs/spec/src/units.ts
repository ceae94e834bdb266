/**
 * Quantities with units, as a person writes them. A quantity is parsed into one canonical text (`10 dB`, `0.1 W`), so a
 * normalised specification is itself a valid specification; the number in base units is read with the accessors here.
 */
import { z } from 'zod';
import { shown } from './fault.js';

const NUMBER = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?`;
const QUANTITY = new RegExp(`^(${NUMBER})\\s*([^\\d\\s]\\S*)?$`);
/** No quantity is longer; text that is, is not searched. */
const LONGEST_QUANTITY = 60;

/** A number of a unit. */
export interface Quantity {
  readonly value: number;
  readonly unit: string;
}

function readQuantity(text: string): Quantity | undefined {
  const match = text.length > LONGEST_QUANTITY ? null : QUANTITY.exec(text.trim());
  if (!match) return undefined;
  return { value: Number(match[1]), unit: match[2] ?? '' };
}

const NOISELESS = 'noiseless';
const SNR_LIMIT_DB = 200;

/** Signal-to-noise ratio: `"10 dB"` or `"noiseless"`. */
export const snrSchema = z
  .string({
    error: (issue) =>
      typeof issue.input === 'number'
        ? `a signal-to-noise ratio needs its unit: write "${issue.input} dB", or "${NOISELESS}"`
        : `expected a signal-to-noise ratio such as "10 dB", or "${NOISELESS}", not ${shown(issue.input)}`,
  })
  .transform((text, context) => {
    if (text.trim() === NOISELESS) return NOISELESS;
    const quantity = readQuantity(text);
    const complain = (message: string) => {
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    };
    if (!quantity) return complain(`${shown(text)} is not a signal-to-noise ratio; write for example "10 dB", or "${NOISELESS}"`);
    if (quantity.unit === '') return complain(`${shown(text)} has no unit; write "${quantity.value} dB"`);
    if (quantity.unit !== 'dB') {
      return complain(`${shown(quantity.unit)} is not a unit of signal-to-noise ratio; only dB is, as in "${quantity.value} dB"`);
    }
    if (Math.abs(quantity.value) > SNR_LIMIT_DB) {
      return complain(`${quantity.value} dB is out of range; allowed is -${SNR_LIMIT_DB} dB to ${SNR_LIMIT_DB} dB, or "${NOISELESS}"`);
    }
    return `${quantity.value} dB`;
  })
  .meta({
    description: 'Transmit power over noise power per channel use: "10 dB" or "noiseless".',
    examples: ['10 dB', NOISELESS],
    pattern: String.raw`^\s*(${NOISELESS}|${NUMBER}\s*dB)\s*$`,
  });

/** The ratio in decibels, or null when there is no noise. @param snr canonical text of {@link snrSchema} */
export function snrDb(snr: string): number | null {
  return snr === NOISELESS ? null : Number(snr.slice(0, -' dB'.length));
}

interface UnitOfOne {
  /** What the quantity is called, with its article: `an angle`. */
  readonly name: string;
  readonly unit: string;
  /** Both allowed. */
  readonly least: number;
  readonly most: number;
  readonly description: string;
}

/** A quantity that is written in one unit only, `"6 dB"`; its canonical text is of the same form. */
function quantitySchema({ name, unit, least, most, description }: UnitOfOne) {
  const example = `${Math.min(6, most)} ${unit}`;
  return z
    .string({
      error: (issue) =>
        typeof issue.input === 'number'
          ? `${name} needs its unit: write "${issue.input} ${unit}"`
          : `expected ${name} such as "${example}", not ${shown(issue.input)}`,
    })
    .transform((text, context) => {
      const quantity = readQuantity(text);
      const complain = (message: string) => {
        context.addIssue({ code: 'custom', message });
        return z.NEVER;
      };
      if (!quantity) return complain(`${shown(text)} is not ${name}; write for example "${example}"`);
      if (quantity.unit === '') return complain(`${shown(text)} has no unit; write "${quantity.value} ${unit}"`);
      if (quantity.unit !== unit) {
        return complain(`${shown(quantity.unit)} is not a unit of ${name}; only ${unit} is, as in "${quantity.value} ${unit}"`);
      }
      if (!(quantity.value >= least && quantity.value <= most)) {
        return complain(`${quantity.value} ${unit} is out of range; allowed is ${least} ${unit} to ${most} ${unit}`);
      }
      return `${quantity.value} ${unit}`;
    })
    .meta({ description, examples: [example], pattern: String.raw`^\s*${NUMBER}\s*${unit}\s*$` });
}

/** A ratio of powers in decibels: `"6 dB"`. @param name with its article, @param least @param most allowed [dB] */
export function decibelSchema(name: string, least: number, most: number, description: string) {
  return quantitySchema({ name, unit: 'dB', least, most, description });
}

/** An angle: `"10 deg"`. @param least @param most allowed [deg] */
export function angleSchema(name: string, least: number, most: number, description: string) {
  return quantitySchema({ name, unit: 'deg', least, most, description });
}

/** @param decibels canonical text of a {@link decibelSchema} */
export function inDecibels(decibels: string): number {
  return Number(decibels.slice(0, -' dB'.length));
}

/** @param angle canonical text of an {@link angleSchema} */
export function inRadians(angle: string): number {
  return (Number(angle.slice(0, -' deg'.length)) * Math.PI) / 180;
}

const WATT_PER: Readonly<Record<string, number>> = { W: 1, mW: 1e-3, uW: 1e-6, kW: 1e3 };
const LEAST_WATT = 1e-12;
const MOST_WATT = 1e9;

/** Power: `"1 W"`, `"100 mW"`. */
export const powerSchema = z
  .string({
    error: (issue) =>
      typeof issue.input === 'number'
        ? `a power needs its unit: write "${issue.input} W"`
        : `expected a power such as "1 W" or "100 mW", not ${shown(issue.input)}`,
  })
  .transform((text, context) => {
    const quantity = readQuantity(text);
    const complain = (message: string) => {
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    };
    const units = Object.keys(WATT_PER).join(', ');
    if (!quantity) return complain(`${shown(text)} is not a power; write a positive number and one of ${units}, as in "1 W"`);
    if (quantity.unit === '') return complain(`${shown(text)} has no unit; write one of ${units}, as in "${quantity.value} W"`);
    if (!Object.hasOwn(WATT_PER, quantity.unit)) {
      return complain(`${shown(quantity.unit)} is not a unit of power; allowed are ${units}`);
    }
    const watt = Number((quantity.value * WATT_PER[quantity.unit]).toPrecision(15));
    if (!(watt >= LEAST_WATT && watt <= MOST_WATT)) {
      return complain(`${shown(text)} is out of range; allowed is ${LEAST_WATT} W to ${MOST_WATT} W`);
    }
    return `${watt} W`;
  })
  .meta({
    description: 'Transmit power per channel use, with its unit.',
    examples: ['1 W', '100 mW'],
    pattern: String.raw`^\s*${NUMBER}\s*(${Object.keys(WATT_PER).join('|')})\s*$`,
  });

/** The power in watt. @param power canonical text of {@link powerSchema} */
export function powerWatt(power: string): number {
  return Number(power.slice(0, -' W'.length));
}

const SECONDS_PER: Readonly<Record<string, number>> = { s: 1, min: 60, h: 3600, d: 86_400 };
const MOST_SECONDS = 366 * 86_400;

/** A length of time: `"30 s"`, `"10 min"`, `"2 h"`, `"1 d"`. */
export function durationSchema(description: string) {
  const units = Object.keys(SECONDS_PER).join(', ');
  return z
    .string({
      error: (issue) =>
        typeof issue.input === 'number'
          ? `a length of time needs its unit: write "${issue.input} min"`
          : `expected a length of time such as "10 min", not ${shown(issue.input)}`,
    })
    .transform((text, context) => {
      const quantity = readQuantity(text);
      const complain = (message: string) => {
        context.addIssue({ code: 'custom', message });
        return z.NEVER;
      };
      if (!quantity) return complain(`${shown(text)} is not a length of time; write a positive number and one of ${units}, as in "10 min"`);
      if (quantity.unit === '') return complain(`${shown(text)} has no unit; write one of ${units}, as in "${quantity.value} min"`);
      if (!Object.hasOwn(SECONDS_PER, quantity.unit))
        return complain(`${shown(quantity.unit)} is not a unit of time; allowed are ${units}`);
      const seconds = Number((quantity.value * SECONDS_PER[quantity.unit]).toPrecision(15));
      if (!(seconds >= 1 && seconds <= MOST_SECONDS)) return complain(`${shown(text)} is out of range; allowed is 1 s to 366 d`);
      return `${seconds} s`;
    })
    .meta({
      description,
      examples: ['10 min', '2 h'],
      pattern: String.raw`^\s*${NUMBER}\s*(${Object.keys(SECONDS_PER).join('|')})\s*$`,
    });
}

/** @param duration canonical text of a {@link durationSchema} */
export function durationMs(duration: string): number {
  return Math.round(1000 * Number(duration.slice(0, -' s'.length)));
}

const CANONICAL = new RegExp(`^(${NUMBER}) (dB|deg|W|s)$`);

/**
 * The quantity that a value of a normalised specification is, undefined where it is none. `noiseless` is infinitely many dB.
 * @param value such as `10 dB`; any JSON value
 */
export function quantityOf(value: unknown): Quantity | undefined {
  if (typeof value !== 'string' || value.length > LONGEST_QUANTITY) return undefined;
  if (value === NOISELESS) return { value: Infinity, unit: 'dB' };
  const match = CANONICAL.exec(value);
  return match ? { value: Number(match[1]), unit: match[2] } : undefined;
}
