/** Content addresses: SHA-256 over the JSON Canonicalization Scheme (RFC 8785). */
import canonicalize from 'canonicalize';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { PointSpec } from './point-spec.js';

/** The version of the meaning of a point: raise it when the same configuration would compute something else. */
const POINT_HASH_VERSION = 2;

/** Hash of any JSON value. */
export function canonicalHash(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('canonicalHash: the value is not JSON');
  return bytesToHex(sha256(utf8ToBytes(text)));
}

/** Identity of a configuration. Seeds, names and replicate counts are no part of it. */
export function pointHash(point: PointSpec): string {
  return canonicalHash({ pointHashVersion: POINT_HASH_VERSION, point });
}
