/** Where a lab is looked for, and what is said when it is elsewhere. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startPathProxy } from '../../../test/support/path-proxy.js';
import { PROJECT } from '../../../test/support/project.js';

const servers: Server[] = [];
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'airmeta-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Knows its health and nothing else, as a lab without a page of that name. */
const lab: RequestListener = ({ url = '' }, answer) => {
  answer.setHeader('Content-Type', 'application/json');
  if (url === '/health/live') return void answer.end('{"status":"ok"}');
  if (/^\/v1\/experiments(\?|$)/.test(url)) return void answer.end('{"items":[],"nextCursor":null}');
  answer.statusCode = 404;
  answer.end(JSON.stringify({ type: 'about:blank', title: 'Not found', status: 404, detail: `Cannot GET ${url}` }));
};

async function list(url: string): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(process.execPath, [join(PROJECT, 'apps/cli/dist/main.js'), 'list'], {
    env: { PATH: process.env['PATH'], XDG_CONFIG_HOME: folder, AIRMETA_URL: url },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stderr };
}

describe('AIRMETA_URL', () => {
  it.each([
    ['localhost:3000', 'must begin with http:// or https://, such as http://localhost:3000'],
    ['lab.example.org', 'must begin with http:// or https://, such as http://lab.example.org'],
    ['//lab.example.org', 'such as http://lab.example.org'],
    ['127.0.0.1:3000/v1', 'such as http://127.0.0.1:3000/v1'],
    ['ftp://lab.example.org', 'such as http://127.0.0.1:3000'],
    ['http://', 'is no address of a lab'],
    ['http://ada:s3cret@lab.example.org', 'a lab knows its callers by AIRMETA_TOKEN'],
    ['http://lab.example.org/?token=x', 'leave out ?token=x'],
  ])('%s is refused with what to write', async (url, advice) => {
    const { code, stderr } = await list(url);
    expect(stderr).toMatch(/^airmeta: AIRMETA_URL [^\n]*\n$/);
    expect(stderr).toContain(advice);
    expect(stderr).not.toContain('s3cret');
    expect(code).toBe(2);
  });

  it('with https of a lab that speaks http is told so', async () => {
    const place = await serve(lab);
    const { code, stderr } = await list(`https://${place}`);
    expect(stderr).toBe(
      `airmeta: no lab server answers at https://${place}; a lab answers at http://${place}: set AIRMETA_URL=http://${place}\n`,
    );
    expect(code).toBe(1);
  });

  it.each(['/v1', '/v1/', '/docs', '/graphql', '/v1/experiments'])('with the path %s of a lab is told where it is', async (path) => {
    const place = await serve(lab);
    const { code, stderr } = await list(`http://${place}${path}`);
    expect(stderr).toMatch(new RegExp(`^airmeta: .*; a lab answers at http://${place}: set AIRMETA_URL=http://${place}\n$`));
    expect(code).toBe(1);
  });

  it('keeps the path of a proxy that puts a lab below one, and is told of it', async () => {
    const proxy = await startPathProxy('/some/lab', `http://${await serve(lab)}`);
    expect(await list(proxy.url)).toEqual({ code: 0, stderr: '' });
    const { stderr } = await list(`${proxy.url}v1`);
    expect(stderr).toContain(`a lab answers at ${proxy.url.replace(/\/$/, '')}: set`);
    await proxy.close();
  });

  it('of something else than a lab gets no advice', async () => {
    const place = await serve((_, answer) => void answer.end('<html>'));
    const { stderr } = await list(`http://${place}/x`);
    expect(stderr).toBe(`airmeta: http://${place}/x answered something that is not JSON; is it a lab server?\n`);
  });
});
