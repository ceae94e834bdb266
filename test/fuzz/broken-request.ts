/** Requests that break the rules of HTTP, each in its own way, and any request with some bytes changed. */
import fc from 'fast-check';
import { gzipSync } from 'node:zlib';

const POST = 'POST /v1/experiments/preview HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
const get = (target: string, headers = '') => `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${headers}\r\n`;
const post = (headers: string, body: string | Buffer = '{}') =>
  Buffer.concat([Buffer.from(`${POST}Connection: close\r\n${headers}\r\n`), Buffer.from(body as string)]);
const sized = (body: string | Buffer, headers: string) => post(`${headers}Content-Length: ${Buffer.byteLength(body)}\r\n`, body);

/** 300 KB that unpack to 300 MB. */
const bomb = () => gzipSync(Buffer.alloc(300_000_000, ' '));

export const BROKEN_REQUESTS: Readonly<Record<string, string | Buffer | (() => Buffer)>> = {
  nothing: '',
  'an empty line': '\r\n\r\n',
  'no HTTP at all': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc',
  'a word': 'hello\r\n\r\n',
  'no version': 'GET /health/live\r\n\r\n',
  'version 0.9': 'GET /health/live HTTP/0.9\r\n\r\n',
  'version 9': 'GET /health/live HTTP/9.9\r\nHost: localhost\r\n\r\n',
  'HTTP/2 in the clear': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'HTTP/1.0': 'GET /health/live HTTP/1.0\r\n\r\n',
  'HTTP/1.0 with a host': 'GET /v1/experiments HTTP/1.0\r\nHost: localhost\r\n\r\n',
  'no host': 'GET /v1/experiments HTTP/1.1\r\n\r\n',
  'two hosts': 'GET /v1/experiments HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n',
  'an absolute address': get('http://localhost/v1/experiments'),
  'the address of a server': get('*'),
  'no address': 'GET  HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'a space in the address': get('/v1/ex periments'),
  'a fragment': get('/v1/experiments#x'),
  'a backslash': get('/v1\\experiments'),
  'two slashes': get('//v1//experiments'),
  'a way up': get('/v1/../../../../etc/passwd'),
  'a way up, encoded': get('/docs/%2e%2e/%2e%2e/%2e%2e/etc/passwd'),
  'a way up, encoded twice': get('/docs/%252e%252e%252fetc%252fpasswd'),
  'a way up with backslashes': get('/docs/..%5c..%5cpackage.json'),
  'a half percent': get('/v1/experiments/%'),
  'a wrong percent': get('/v1/experiments/%zz'),
  'bytes that are no UTF-8, encoded': get('/v1/experiments/%ff%fe'),
  'bytes that are no UTF-8': Buffer.from(get('/v1/experiments/\xff\xfe'), 'latin1'),
  'NUL, encoded': get('/v1/experiments/%00'),
  'NUL in a name': get('/v1/members/%00', ''),
  NUL: get('/v1/experiments/\0'),
  'a long address': get(`/v1/experiments/${'x'.repeat(10_000)}`),
  'an address longer than headers may be': get(`/v1/experiments/${'x'.repeat(100_000)}`),
  'many parameters': get(`/v1/experiments?${'limit=1&'.repeat(1_500)}`),
  'parameters in one another': get(`/v1/experiments?limit${'[a]'.repeat(1_000)}=1`),
  'parameters with prototypes': get('/v1/experiments?__proto__[x]=1&constructor[prototype][x]=1&limit[toString]=1'),
  'a header longer than is taken': get('/v1/experiments', `X: ${'x'.repeat(100_000)}\r\n`),
  'thousands of headers': get('/v1/experiments', 'X: 1\r\n'.repeat(5_000)),
  'a header without a name': get('/v1/experiments', ': x\r\n'),
  'a header without a colon': get('/v1/experiments', 'nonsense\r\n'),
  'a folded header': get('/v1/experiments', 'X: a\r\n b\r\n'),
  'a space before the colon': get('/v1/experiments', 'X : a\r\n'),
  'NUL in a header': get('/v1/experiments', 'X: a\0b\r\n'),
  'bare line feeds': 'GET /v1/experiments HTTP/1.1\nHost: localhost\nConnection: close\n\n',
  'bytes over 127 in a header': Buffer.from(get('/v1/experiments', 'Authorization: Bearer \xff\xfe\r\nX-Request-Id: \xe9\r\n'), 'latin1'),
  'an unknown method': 'BREW /v1/experiments HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'a lowercase method': 'get /v1/experiments HTTP/1.1\r\nHost: localhost\r\n\r\n',
  TRACE: 'TRACE /v1/experiments HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
  OPTIONS: 'OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
  HEAD: 'HEAD /v1/experiments HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
  PROPFIND: 'PROPFIND /v1/experiments HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
  CONNECT: 'CONNECT localhost:443 HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'an upgrade to web sockets': get(
    '/graphql',
    'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: eA==\r\nSec-WebSocket-Version: 13\r\n',
  ),
  'an upgrade to HTTP/2': get('/v1/experiments', 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n'),
  'an expectation': post('Expect: 100-continue\r\nContent-Length: 2\r\n'),
  'an unknown expectation': post('Expect: the-unexpected\r\nContent-Length: 2\r\n'),
  'a negative length': post('Content-Length: -1\r\n'),
  'a length in words': post('Content-Length: two\r\n'),
  'a length beyond numbers': post(`Content-Length: ${'9'.repeat(30)}\r\n`),
  'two lengths': post('Content-Length: 2\r\nContent-Length: 3\r\n'),
  'a length and chunks': post('Content-Length: 2\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
  'a body shorter than its length': post('Content-Length: 50\r\n'),
  'a body longer than its length': post('Content-Length: 1\r\n', '{}{}{}'),
  'a length beyond the limit': post('Content-Length: 9000000\r\n', 'x'.repeat(100_000)),
  'a body beyond the limit': sized('x'.repeat(3_000_000), ''),
  'chunks beyond the limit': post(
    'Transfer-Encoding: chunked\r\n',
    `${'10000\r\n'.concat('x'.repeat(65_536), '\r\n').repeat(40)}0\r\n\r\n`,
  ),
  'chunks of no number': post('Transfer-Encoding: chunked\r\n', 'zz\r\nabc\r\n'),
  'a chunk of a huge size': post('Transfer-Encoding: chunked\r\n', 'ffffffffffffffffff\r\nabc\r\n'),
  'a chunk of the wrong size': post('Transfer-Encoding: chunked\r\n', '3\r\nabcdef\r\n0\r\n\r\n'),
  'chunks without an end': post('Transfer-Encoding: chunked\r\n', '3\r\nabc\r\n'),
  'an unknown transfer': post('Transfer-Encoding: gzip, mystery\r\n'),
  'chunked twice': post('Transfer-Encoding: chunked, chunked\r\n', '0\r\n\r\n'),
  'gzip that is none': sized('{}', 'Content-Encoding: gzip\r\n'),
  'gzip cut off': sized(gzipSync('{"version":1}').subarray(0, 15), 'Content-Encoding: gzip\r\n'),
  'gzip that is good': sized(gzipSync('{}'), 'Content-Encoding: gzip\r\n'),
  'gzip of hundreds of megabytes': () => sized(bomb(), 'Content-Encoding: gzip\r\n'),
  'deflate that is none': sized('{}', 'Content-Encoding: deflate\r\n'),
  'brotli that is none': sized('{}', 'Content-Encoding: br\r\n'),
  'an unknown encoding': sized('{}', 'Content-Encoding: mystery\r\n'),
  'an unknown charset':
    'POST /v1/experiments/preview HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json; charset=mystery\r\nContent-Length: 2\r\n\r\n{}',
  'UTF-7':
    'POST /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json; charset=utf-7\r\nContent-Length: 2\r\n\r\n{}',
  'a broken type':
    'POST /v1/experiments/preview HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: ;;;/\r\nContent-Length: 2\r\n\r\n{}',
  'a form':
    'POST /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 2\r\n\r\n{}',
  'two requests at once': get('/health/live').replace('Connection: close\r\n', '') + get('/v1/experiments'),
  'a request hidden in a body': post('Content-Length: 4\r\nTransfer-Encoding: chunked\r\n', '5c\r\nGET /v1/members HTTP/1.1\r\n0\r\n\r\n'),
};

const GOOD = [
  get('/v1/experiments?limit=1&after=x', 'Accept: */*\r\n'),
  sized('{"version":1,"name":"x","base":{"task":{"family":"sinusoid"}}}', '').toString(),
  post('Transfer-Encoding: chunked\r\n', '2\r\n{}\r\n0\r\n\r\n').toString(),
  get('/v1/experiments/00000000-0000-4000-8000-000000000000/events', 'Last-Event-ID: 1\r\n'),
];

/** A good request with up to four of its bytes lost, changed or put in. */
export const changedRequest: fc.Arbitrary<Buffer> = fc
  .tuple(
    fc.constantFrom(...GOOD),
    fc.array(fc.record({ at: fc.nat({ max: 400 }), lost: fc.nat({ max: 3 }), put: fc.uint8Array({ maxLength: 3 }) }), {
      minLength: 1,
      maxLength: 4,
    }),
  )
  .map(([request, changes]) =>
    changes.reduce((bytes, { at, lost, put }) => {
      const place = at % bytes.length;
      return Buffer.concat([bytes.subarray(0, place), put, bytes.subarray(place + lost)]);
    }, Buffer.from(request)),
  );
