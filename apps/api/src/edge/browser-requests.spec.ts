import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type NextFunction, type Request, type Response } from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPathProxy } from '../../../../test/support/path-proxy.js';
import { refuseForeignRequests } from './browser-requests.js';

/** A lab without accounts that says OK to whatever gets through, and one with accounts. */
const servers: Server[] = [];
let port: number;
let guarded: number;

async function serve(auth: 'on' | 'off'): Promise<number> {
  const app = express();
  app.use(refuseForeignRequests(auth));
  app.use((_: Request, response: Response) => void response.send('ok'));
  app.use((error: Error, _: Request, response: Response, _next: NextFunction) => void response.status(403).send(error.message));
  const server = createServer(app).listen(0, '127.0.0.1');
  servers.push(server);
  await new Promise((resolve) => server.once('listening', resolve));
  return (server.address() as AddressInfo).port;
}

beforeAll(async () => {
  port = await serve('off');
  guarded = await serve('on');
});
afterAll(() => servers.forEach((server) => server.close()));

function status(method: string, headers: Record<string, string>, at = port, path = '/v1/experiments'): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: at, path, method, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    asked.on('error', reject).end();
  });
}

const own = () => `http://127.0.0.1:${port}`;
const CHANGES = ['POST', 'PATCH', 'PUT', 'DELETE'];

describe('a change in a lab without accounts', () => {
  it.each(CHANGES)('is taken from programs, which have no page, and from the lab’s own pages: %s', async (method) => {
    expect(await status(method, {})).toBe(200);
    expect(await status(method, { 'Sec-Fetch-Mode': 'cors' })).toBe(200); // as Node’s fetch, which the command line uses
    expect(await status(method, { Origin: own() })).toBe(200);
    expect(await status(method, { Origin: own(), 'Sec-Fetch-Site': 'same-origin' })).toBe(200);
    expect(await status(method, { 'Sec-Fetch-Site': 'none' })).toBe(200);
    expect(await status(method, { Host: `localhost:${port}`, Origin: `http://localhost:${port}` })).toBe(200);
  });

  it.each(CHANGES)('is refused from pages at another port, name or site of this machine and of others: %s', async (method) => {
    for (const origin of [
      `http://127.0.0.1:${port + 1}`,
      `http://localhost:${port}`,
      'http://127.0.0.1',
      'http://[::1]:3000',
      'null',
      'file://',
    ]) {
      expect([origin, await status(method, { Origin: origin })]).toEqual([origin, 403]);
    }
    for (const site of ['same-site', 'cross-site', '']) {
      expect([site, await status(method, { 'Sec-Fetch-Site': site })]).toEqual([site, 403]);
      expect([site, await status(method, { Origin: own(), 'Sec-Fetch-Site': site })]).toEqual([site, 403]);
    }
    expect(await status(method, { Origin: 'http://evil.example', 'Sec-Fetch-Site': 'same-origin' })).toBe(403);
  });

  it('is taken through a proxy of this machine that leaves the name as it was, and from no page beside it', async () => {
    const proxy = await startPathProxy('/some/lab', own());
    const { origin, port: at } = new URL(proxy.url);
    const headers = { Host: `127.0.0.1:${at}`, 'Sec-Fetch-Site': 'same-origin' };
    expect(await status('POST', { ...headers, Origin: origin }, Number(at), '/some/lab/v1/x')).toBe(200);
    expect(await status('POST', { ...headers, Origin: own(), 'Sec-Fetch-Site': 'same-site' }, Number(at), '/some/lab/v1/x')).toBe(403);
    await proxy.close();
  });
});

describe('a question', () => {
  it('is answered whatever local page a link to it was on, and to no name or page from elsewhere', async () => {
    for (const method of ['GET', 'HEAD']) {
      expect(await status(method, { 'Sec-Fetch-Site': 'cross-site' })).toBe(200);
      expect(await status(method, { Origin: `http://127.0.0.1:${port + 1}` })).toBe(200);
      expect(await status(method, { Origin: 'http://evil.example' })).toBe(403);
      expect(await status(method, { Host: 'evil.example' })).toBe(403);
    }
  });
});

describe('a lab with accounts', () => {
  it('takes what comes with a token from any page: no browser adds it by itself', async () => {
    expect(await status('POST', { Origin: 'http://evil.example', Host: 'lab.example', 'Sec-Fetch-Site': 'cross-site' }, guarded)).toBe(200);
  });
});
