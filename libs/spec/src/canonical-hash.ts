/** Content addresses: SHA-256 over the JSON Canonicalization Scheme (RFC 8785). */
import canonicalize from 'canonicalize';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { JsonValue } from './json-value.js';
import type { PointSpec } from './point-spec.js';
import { isMapping, segmentsOf, startsWith, valueAt, withoutValueAt } from './sweep-grid.js';

/** The version of the meaning of a point: raise it when the same configuration would compute something else. */
const POINT_HASH_VERSION = 2;

/**
 * Keys that came after that version, each with the value that means what all points before it meant. At that value they are no part of
 * what is hashed, so that results keep their address.
 */
const LATER_KEYS: Readonly<Record<string, JsonValue>> = {
  'uplink.powerConstraint': 'per-round',
  'uplink.phaseError': '0 deg',
  'uplink.sparsifier': 'top-k',
  'uplink.estimate': 'posterior',
  'uplink.fading.correlation': 0,
  'uplink.fading.gainSpread': '0 dB',
  'task.ink': 'dark',
  'task.channels': 1,
  'task.leastImages': null,
  'task.leastClasses': null,
};

/** The same in an uplink inside of another, where they came later too. */
const LATER: Readonly<Record<string, JsonValue>> = Object.fromEntries(
  Object.entries(LATER_KEYS).flatMap(([path, meant]) => [
    [path, meant],
    [path.replace(/^uplink\./, 'uplink.of.'), meant],
  ]),
);

/** Those of the keys above that experiments had no hash with. The first of them were part of it from the beginning. */
const LATER_IN_EXPERIMENTS: readonly string[] = ['uplink.estimate', 'task.ink', 'task.channels', 'task.leastImages', 'task.leastClasses'];

/** Hash of any JSON value. */
export function canonicalHash(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('canonicalHash: the value is not JSON');
  return bytesToHex(sha256(utf8ToBytes(text)));
}

/** A part of a configuration without those of some later keys that mean what was meant before. @param above path of the part */
function withoutLaterKeys(part: JsonValue, keys: readonly string[], above: readonly string[] = []): JsonValue {
  return keys.reduce((rest, path) => {
    const segments = segmentsOf(path);
    if (!startsWith(segments, above) || segments.length === above.length) return rest;
    const inner = segments.slice(above.length);
    return valueAt(rest, inner) === LATER[path] ? withoutValueAt(rest, inner) : rest;
  }, part);
}

/** Identity of a configuration. Seeds, names and replicate counts are no part of it. */
export function pointHash(point: PointSpec): string {
  return canonicalHash({ pointHashVersion: POINT_HASH_VERSION, point: withoutLaterKeys(point, Object.keys(LATER)) });
}

/** Identity of a normalised document. */
export function experimentHash(document: JsonValue): string {
  const base = valueAt(document, ['base']);
  const grid = valueAt(document, ['sweep', 'grid']);
  if (!isMapping(document) || base === undefined || !isMapping(grid)) return canonicalHash(document);
  const axes = Object.entries(grid).map(([axis, values]) => {
    const hashed = (value: JsonValue) => withoutLaterKeys(value, LATER_IN_EXPERIMENTS, segmentsOf(axis));
    return [axis, Array.isArray(values) ? values.map(hashed) : values];
  });
  return canonicalHash({
    ...document,
    base: withoutLaterKeys(base, LATER_IN_EXPERIMENTS),
    sweep: { grid: Object.fromEntries(axes) as JsonValue },
  });
}
