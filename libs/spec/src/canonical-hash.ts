/** Content addresses: SHA-256 over the JSON Canonicalization Scheme (RFC 8785). */
import canonicalize from 'canonicalize';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { JsonValue } from './json-value.js';
import type { PointSpec } from './point-spec.js';
import { segmentsOf, valueAt, withoutValueAt } from './sweep-grid.js';

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
  'uplink.fading.correlation': 0,
  'uplink.fading.gainSpread': '0 dB',
  'task.ink': 'dark',
  'task.channels': 1,
  'task.leastImages': null,
  'task.leastClasses': null,
};

/** Hash of any JSON value. */
export function canonicalHash(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('canonicalHash: the value is not JSON');
  return bytesToHex(sha256(utf8ToBytes(text)));
}

/** Identity of a configuration. Seeds, names and replicate counts are no part of it. */
export function pointHash(point: PointSpec): string {
  const hashed = Object.entries(LATER_KEYS).reduce<JsonValue>((rest, [path, meant]) => {
    const segments = segmentsOf(path);
    return valueAt(rest, segments) === meant ? withoutValueAt(rest, segments) : rest;
  }, point);
  return canonicalHash({ pointHashVersion: POINT_HASH_VERSION, point: hashed });
}
