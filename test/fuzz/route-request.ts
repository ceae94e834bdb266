/** Requests to the routes that the OpenAPI document names, with parameters and bodies that do not fit. */
import fc from 'fast-check';
import { hostileText, hostileValue, written } from './hostile-value.js';
import type { Shot } from './lab-under-fire.js';

export interface Route {
  readonly method: string;
  /** With its parameters in braces. */
  readonly path: string;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly parameters?: Route['parameters'] }>>>>;
}

/** Every route of the OpenAPI document. */
export async function routesOf(url: string): Promise<Route[]> {
  const { paths } = (await (await fetch(`${url}/docs-json`)).json()) as OpenApi;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [] }]) => ({ method: method.toUpperCase(), path, parameters })),
  );
}

/** Percent-encoded, also what encodeURIComponent cannot. */
const encoded = (text: string) => [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

/** In an address as it is. */
const rawPieces = fc.constantFrom(
  '%',
  '%zz',
  '%00',
  '%ff',
  '%2e%2e',
  '%2f',
  '..',
  'null',
  'undefined',
  '-1',
  '0',
  '1e999',
  '9'.repeat(400),
  '[]',
  'a&a=b',
  '%F0%9F%98%80',
  '%ED%A0%80',
);

const cursor = (key: string) => Buffer.from(key).toString('base64url');
const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';
const cursors = fc.constantFrom(
  ...[
    '9999-99-99T99:99:99.999Z',
    '0000-00-00T00:00:00.000Z',
    '2026-02-30T00:00:00.000Z',
    '2026-01-01T24:00:60.000Z',
    '2026-01-01T00:00:00.000Z',
  ].map((time) => cursor(`${time} ${UNKNOWN_ID}`)),
  ...['0', '999999999', '999999999999999999', '1 2', ''].map(cursor),
);

const piece = (ids: readonly string[]) =>
  fc.oneof(
    fc.constantFrom(...ids, UNKNOWN_ID),
    rawPieces,
    cursors,
    hostileText.map((text) => encoded(text).slice(0, 6_000)),
    fc.constantFrom('1', '50', 'lab', 'private', 'ada'),
  );

const BODIES: readonly string[] = [
  '',
  '{}',
  '[]',
  'null',
  '"x"',
  '1',
  '{"visibility":"lab"}',
  '{"visibility":null}',
  '{"role":"admin"}',
  '{"name":"ada","role":"viewer"}',
  '{"name":"ada\\u0000","role":"admin"}',
  '{"label":"\\ud800","scope":"read","member":"ada"}',
  '{"label":"x","scope":"read","expiresInDays":1e308,"member":"\\u0000"}',
];

const NAMES = ['name', 'role', 'label', 'scope', 'member', 'expiresInDays', 'visibility', '__proto__', 'constructor'];

const body = fc.oneof(
  fc.constantFrom(...BODIES),
  fc.array(fc.tuple(fc.constantFrom(...NAMES), hostileValue), { maxLength: 4 }).map((entries) => written(Object.fromEntries(entries))),
  hostileText,
  fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
);

const headers = fc.record(
  {
    'content-type': fc.constantFrom(
      'application/json',
      'application/json',
      'application/yaml',
      'text/plain',
      'multipart/form-data; boundary=x',
      'application/json; charset=utf-16',
      'application/json; charset=mystery',
      '',
      ';',
    ),
    'content-encoding': fc.constantFrom('identity', 'gzip', 'deflate', 'br', 'mystery'),
    'last-event-id': fc.constantFrom('0', '-1', '1', '9007199254740993', 'x', '1e999', '0x10', '1.5'),
    accept: fc.constantFrom('*/*', 'text/html', 'application/xml', 'x/y;q=9', ''),
    authorization: fc.constantFrom('Bearer x', 'Basic eA==', `Bearer airmeta_${'x'.repeat(43)}`, ''),
    'x-request-id': fc.constantFrom('a'.repeat(101), 'a b', '', "'; --"),
    'x-forwarded-for': fc.constantFrom('1.2.3.4', 'nonsense', ','),
    'x-http-method-override': fc.constantFrom('DELETE', 'BREW'),
    range: fc.constantFrom('bytes=0-0', 'bytes=-1', 'bytes=9-1', 'x'),
    'if-none-match': fc.constantFrom('*', 'W/"x"', 'x'),
  },
  { requiredKeys: [] },
);

/** A request to the route; with a fitting path now and then, an unfitting one mostly. */
export function requestTo({ method, path, parameters }: Route, ids: readonly string[]): fc.Arbitrary<Shot> {
  const names = [
    ...parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name),
    'limit',
    'after',
    'unknown',
    'limit[]',
    'after[a]',
    '__proto__',
  ];
  const query = fc.array(fc.tuple(fc.constantFrom(...names), piece(ids)), { maxLength: 3 });
  return fc.record({ pieces: fc.array(piece(ids), { minLength: 3, maxLength: 3 }), query, headers, body }).map((drawn) => {
    let next = 0;
    const filled = path.replace(/\{\w+\}/g, () => drawn.pieces[next++ % 3]);
    const asked = drawn.query.map(([name, value]) => `${name}=${value}`).join('&');
    const sends = method !== 'GET' && method !== 'HEAD';
    const { 'content-type': type, ...others } = drawn.headers;
    return {
      method,
      path: asked ? `${filled}?${asked}` : filled,
      headers: { ...others, ...(type !== undefined && sends ? { 'content-type': type } : {}) },
      ...(sends ? { body: drawn.body } : {}),
    };
  });
}
