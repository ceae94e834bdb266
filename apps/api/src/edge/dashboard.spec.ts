import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express, { type NextFunction, type Request, type Response } from 'express';
import { afterEach, describe, expect, it } from 'vitest';
import { serveDashboard } from './dashboard.js';

const folder = join(mkdtempSync(join(tmpdir(), 'airmeta-pages-')), 'site/');
let server: Server | undefined;

async function serve(): Promise<string> {
  const app = express();
  app.use(serveDashboard(folder));
  app.use((error: Error, _: Request, response: Response, _next: NextFunction) => {
    response.status(404).send(error.message);
  });
  const listening = createServer(app).listen(0, '127.0.0.1');
  server = listening;
  await new Promise((resolve) => listening.once('listening', resolve));
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
}

function build(): void {
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'index.html'), '<title>airmeta</title>');
  writeFileSync(join(folder, 'assets', 'index-1a2b.js'), 'export {};');
  writeFileSync(join(folder, '..', 'secret.txt'), 'not a page');
}

afterEach(() => {
  server?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the pages', () => {
  it('are asked for anew each time, and what they are made of only when it has changed', async () => {
    build();
    const url = await serve();
    const page = await fetch(url);
    expect([page.status, page.headers.get('cache-control'), await page.text()]).toEqual([200, 'no-cache', '<title>airmeta</title>']);
    const script = await fetch(`${url}/assets/index-1a2b.js`);
    expect([script.status, script.headers.get('cache-control')]).toEqual([200, 'public, max-age=31536000, immutable']);
  });

  it('are all that is served, and only to be read', async () => {
    build();
    const url = await serve();
    for (const path of ['/assets/none.js', '/assets', '/..%2fsecret.txt', '/%2e%2e/secret.txt', '/assets/..%2f..%2fsecret.txt']) {
      expect([path, (await fetch(`${url}${path}`)).status]).toEqual([path, 404]);
    }
    expect((await fetch(url, { method: 'POST' })).status).toBe(404);
  });

  it('are missed with a sentence when they have not been built', async () => {
    const answer = await fetch(await serve());
    expect([answer.status, await answer.text()]).toEqual([
      404,
      'there is no page /: the dashboard has not been built; npm run build does that',
    ]);
  });
});
