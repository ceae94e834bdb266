/** Values that no specification expects, and that JSON.stringify cannot all write. */
import fc from 'fast-check';

/** Text in quotes stands for itself without them once the document is written: see `written`. */
const raw = (literal: string) => `raw<${literal}>`;

export const hostileText = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '\0',
    'a\0b',
    '\ud800',
    'x\udfff',
    '\u001b[31m',
    '\u202eevil',
    '\ufeff',
    'e\u0301'.repeat(500),
    '👩‍👩‍👧‍👦'.repeat(100),
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '../../etc/passwd',
    '${jndi:ldap://x}',
    "'; DROP TABLE experiments; --",
    '<script>alert(1)</script>',
    'NaN',
    'Infinity',
    '1e999 dB',
    '-0 dB',
    '9'.repeat(400),
    `${'9'.repeat(400)} dB`,
    '0x10',
    '1_000',
    '10 dB dB',
    '١٢ dB',
  ),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({ maxLength: 30 }).map((text) => text + String.fromCharCode(0xd800 + (text.length % 0x400))),
  fc.constantFrom(1_000, 1_000, 1_000, 50_000).map((length) => 'A'.repeat(length)),
);

export const hostileNumber = fc.oneof(
  fc.constantFrom(0, -0, -1, 0.5, 1e-320, 5e-324, 1e308, -1e308, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 53 + 2, 2 ** 63, -(2 ** 63)),
  fc.constantFrom('1e999', '-1e999', '1E400', `1${'0'.repeat(500)}`, `0.${'0'.repeat(500)}1`).map(raw),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
);

const nested = fc
  .tuple(fc.constantFrom(2, 10, 63, 64, 65, 70, 3_000), fc.boolean())
  .map(([depth, isMapping]) => raw(isMapping ? `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}` : '['.repeat(depth) + ']'.repeat(depth)));

const repeatedKey = fc.constantFrom('{"a":1,"a":2}', '{"__proto__":{"x":1},"constructor":{"prototype":{}}}', '{"":{"":{"":1}}}').map(raw);

export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 8, arbitrary: hostileText },
  { weight: 8, arbitrary: hostileNumber },
  { weight: 4, arbitrary: fc.constantFrom(null, true, false, [], {}, [[]], [null], [{}]) },
  { weight: 1, arbitrary: nested },
  { weight: 1, arbitrary: repeatedKey },
  { weight: 2, arbitrary: fc.jsonValue() },
  { weight: 1, arbitrary: fc.constantFrom(10, 100, 600, 3_000).map((length) => Array.from({ length }, (_, index) => index)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(100, 600).map((keys) => Object.fromEntries(Array.from({ length: keys }, (_, k) => [`k${k}`, k]))),
  },
);

/** JSON text, with what was marked as raw put in as it is. */
export function written(value: unknown): string {
  return JSON.stringify(value).replace(/"raw<((?:[^"\\>]|\\.)*)>"/g, (_, literal: string) => JSON.parse(`"${literal}"`) as string);
}
