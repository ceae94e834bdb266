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

function canonicalText(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('canonicalHash: the value is not JSON');
  return text;
}

/** Hash of any JSON value. */
export function canonicalHash(value: unknown): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalText(value))));
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

/** A mapping's place in a configuration. */
interface Place {
  /** Of a key: where its value stands, and at which value it is left out. */
  readonly below: Map<string, { readonly place: Place; readonly name: string; readonly meant: JsonValue | undefined }>;
  readonly path: string;
  /** Texts of the mappings that were met here: what is left out depends on the place. */
  readonly texts: WeakMap<object, string>;
}

function placeAt(path: string): Place {
  return { path, below: new Map(), texts: new WeakMap() };
}

function below(place: Place, key: string) {
  const known = place.below.get(key);
  if (known !== undefined) return known;
  const path = place.path === '' ? key : `${place.path}.${key}`;
  const made = { place: placeAt(path), name: JSON.stringify(key), meant: LATER[path] };
  place.below.set(key, made);
  return made;
}

/**
 * Identities of the points of a sweep, equal to `pointHash`. Points share the objects they are made of, so the text of each object is made
 * once, the text that points have in common before their last section is hashed once, and so is a configuration that is met again.
 */
export class PointHasher {
  private readonly root = placeAt('');
  private readonly numbers = new WeakMap<object, number>();
  private lastNumber = 0;
  private readonly hashes = new Map<string, string>();
  private start: { readonly text: string; readonly state: ReturnType<typeof sha256.create> } | undefined;

  hash(point: PointSpec): string {
    const key = this.keyOf(Object.values(point));
    const known = this.hashes.get(key);
    if (known !== undefined) return known;
    const { start, rest } = this.textOf(point);
    if (this.start?.text !== start) this.start = { text: start, state: sha256.create().update(utf8ToBytes(start)) };
    const hash = bytesToHex(this.start.state.clone().update(utf8ToBytes(rest)).digest());
    this.hashes.set(key, hash);
    return hash;
  }

  /** What tells a configuration from every other, without the work of a hash. */
  identity(point: PointSpec): string {
    const { start, rest } = this.textOf(point);
    return start + rest;
  }

  /** Of sections in their order: the same for the same objects. */
  private keyOf(sections: readonly JsonValue[]): string {
    let key = '';
    for (const section of sections) {
      if (typeof section !== 'object' || section === null) {
        key += `${JSON.stringify(section)},`;
        continue;
      }
      let number = this.numbers.get(section);
      if (number === undefined) this.numbers.set(section, (number = ++this.lastNumber));
      key += `#${number},`;
    }
    return key;
  }

  /** The canonical text of what `pointHash` hashes, up to the last section and from there on. */
  private textOf(point: PointSpec): { readonly start: string; readonly rest: string } {
    const members = this.membersOf(point, this.root);
    const last = members.pop() ?? '';
    return { start: `{"point":{${members.join(',')}`, rest: `,${last}},"pointHashVersion":${POINT_HASH_VERSION}}` };
  }

  private membersOf(part: Readonly<Record<string, JsonValue>>, place: Place): string[] {
    const members: string[] = [];
    for (const key of Object.keys(part).sort()) {
      const value = part[key];
      const { place: inner, name, meant } = below(place, key);
      if (meant === undefined || meant !== value) members.push(`${name}:${this.textAt(value, inner)}`);
    }
    return members;
  }

  /** The canonical text of a part, without the later keys that mean what was meant before. */
  private textAt(part: JsonValue, place: Place): string {
    if (typeof part !== 'object' || part === null) return JSON.stringify(part);
    if (!isMapping(part)) return canonicalText(part);
    const known = place.texts.get(part);
    if (known !== undefined) return known;
    const text = `{${this.membersOf(part, place).join(',')}}`;
    place.texts.set(part, text);
    return text;
  }
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
