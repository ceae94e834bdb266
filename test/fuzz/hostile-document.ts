/** Specifications to be refused in good order: valid ones with their structure or their text spoiled, as JSON and as YAML. */
import fc from 'fast-check';
import { stringify } from 'yaml';
import { specification } from '../../libs/spec/test/arbitrary-specification.js';
import { hostileText, hostileValue, written } from './hostile-value.js';

type Container = Record<string, unknown> | unknown[];

/** As an own key, whatever it is called. */
function put(container: Container, key: string, value: unknown): void {
  Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true });
}

function placesIn(value: unknown): { readonly container: Container; readonly key: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  const container = value as Container;
  return Object.keys(container).flatMap((key) => [{ container, key }, ...placesIn((container as Record<string, unknown>)[key])]);
}

type Spoil = (container: Container, key: string, extra: { readonly name: string; readonly value: unknown }) => void;

const SPOILS: readonly Spoil[] = [
  (container, key, { value }) => put(container, key, value),
  (container, key, { value }) => put(container, key, value),
  (container, key) => void Reflect.deleteProperty(container, key),
  (container, _, { name, value }) => void (Array.isArray(container) ? container.push(value) : put(container, name, value)),
  (container, key) => put(container, key, [(container as Record<string, unknown>)[key]]),
  (container, key) => put(container, key, { kind: (container as Record<string, unknown>)[key] }),
  (container, key) => put(container, key, String((container as Record<string, unknown>)[key])),
];

const unknownKey = fc.oneof(
  hostileText,
  fc.constantFrom('__proto__', 'base', 'sweep', 'uplink', 'uplink.snr', 'rounds', 'kind', 'grid', 'version', '.', 'a..b', 'base.base'),
);

const spoiling = fc.record({
  place: fc.nat({ max: 10_000 }),
  how: fc.nat({ max: SPOILS.length - 1 }),
  name: unknownKey,
  value: hostileValue,
});

/** A valid specification with up to four of its values spoiled. */
const spoiledValue = fc.tuple(specification, fc.array(spoiling, { maxLength: 3 })).map(([valid, spoilings]) => {
  const document = structuredClone(valid) as Container;
  for (const { place, how, name, value } of spoilings) {
    const places = placesIn(document);
    if (places.length === 0) break;
    const { container, key } = places[place % places.length];
    SPOILS[how](container, key, { name, value });
  }
  return document;
});

/** Pieces of YAML and of bytes, to be put anywhere into a text. */
const PIECES: readonly (string | Buffer)[] = [
  '&a ',
  '*a',
  '*a ',
  '<<: *a\n',
  '<<: {rounds: 1}\n',
  '!!js/function ',
  '!!binary aGk=',
  '!!set {a, b}',
  '!!timestamp 2020-01-01',
  '!<tag:x> ',
  '%YAML 1.1\n---\n',
  '\n---\n',
  '\n...\n',
  '? [a]\n: 1\n',
  '{{',
  ']]',
  '": "',
  '"',
  "'",
  '|\n',
  '>-\n',
  '\t',
  '\r\n',
  '#',
  '\0',
  '\ufeff',
  '\u2028',
  'version: 1\n',
  'base: &b {task: *b}\n',
  '[&x [*x, *x]]',
  '.nan',
  '-.inf',
  '0o17',
  '!!float "x"',
  '\\ud800',
  Buffer.from([0xff]),
  Buffer.from([0xc0, 0x80]),
  Buffer.from([0xed, 0xa0, 0x80]),
  Buffer.from([0xf4, 0x90, 0x80, 0x80]),
  Buffer.from([0xff, 0xfe, 0x61, 0x00]),
];

const LAUGHS = [
  'a: &a [x,x,x,x,x,x,x,x,x]',
  ...[...'bcdefghi'].map((key, index) => `${key}: &${key} [${Array(9).fill(`*${'abcdefghi'[index]}`).join(',')}]`),
  '',
].join('\n');

const cut = fc.record({ at: fc.nat({ max: 1_000_000 }), remove: fc.nat({ max: 12 }), piece: fc.nat({ max: PIECES.length - 1 }) });

function spoiledBytes(text: Buffer, cuts: readonly { at: number; remove: number; piece: number }[]): Buffer {
  return cuts.reduce((bytes, { at, remove, piece }) => {
    const position = at % (bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, position), Buffer.from(PIECES[piece] as string), bytes.subarray(position + remove)]);
  }, text);
}

const whole = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }).map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  fc
    .constantFrom(
      '',
      '{}',
      '[]',
      'null',
      '[',
      '{"a":',
      '- '.repeat(5_000),
      '{"a":'.repeat(5_000),
      'a: '.repeat(5_000),
      LAUGHS,
      `# ${'x'.repeat(1_100_000)}`,
      'x'.repeat(2_200_000),
    )
    .map((text) => Buffer.from(text)),
);

const asText = fc
  .tuple(spoiledValue, fc.nat({ max: 19 }))
  .map(([value, form]) => (form < 10 ? written(value) : form < 19 ? yamlOf(value) : LAUGHS + yamlOf(value)));

/** YAML cannot be written of everything: what is left is JSON, which is YAML after a comment. */
function yamlOf(value: unknown): string {
  const json = written(value);
  return json.includes('"__proto__"') || json.includes('1e999') ? `# as it is\n${json}` : stringify(value);
}

export interface HostileBody {
  readonly body: Buffer;
  readonly type: string;
}

const bytes = fc.oneof(
  { weight: 20, arbitrary: asText.map((text) => Buffer.from(text)) },
  {
    weight: 10,
    arbitrary: fc.tuple(asText, fc.array(cut, { minLength: 1, maxLength: 4 })).map(([text, cuts]) => spoiledBytes(Buffer.from(text), cuts)),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(asText, fc.double({ min: 0, max: 1, noNaN: true }))
      .map(([text, share]) => Buffer.from(text).subarray(0, Math.floor(text.length * share))),
  },
  { weight: 2, arbitrary: whole },
);

export const hostileBody: fc.Arbitrary<HostileBody> = fc.record({
  body: bytes,
  type: fc.constantFrom('application/json', 'application/yaml', 'application/yaml', 'text/yaml; charset=utf-8'),
});
