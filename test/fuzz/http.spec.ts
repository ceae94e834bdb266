/** Malformed HTTP, and requests of every route that do not fit it: no server error, no end of the process. */
import fc from 'fast-check';
import { LabClient } from '@airmeta/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sinusoidSweep } from '../support/experiments.js';
import { BROKEN_REQUESTS, changedRequest } from './broken-request.js';
import { CHANGED_REQUESTS, FUZZ_TIMEOUT_MS, REQUESTS_PER_ROUTE } from './fuzz-size.js';
import { expectProblem, LabUnderFire } from './lab-under-fire.js';
import { MAY_GROW_MIB } from './memory-watch.js';
import { breakOff, statusesOf } from './raw-connection.js';
import { requestTo, routesOf } from './route-request.js';

let lab: LabUnderFire;
/** Of an experiment that is under way. */
let ids: readonly string[];

beforeAll(async () => {
  lab = await LabUnderFire.start();
  const { id } = await new LabClient(lab.api.url).submit(sinusoidSweep());
  const rows = await lab.database.query<{ id: string }>('SELECT id FROM runs UNION SELECT id FROM points');
  ids = [id, id, id, ...rows.map((row) => row.id)];
});
afterAll(() => lab.stop());

let closed = 0;
async function send(bytes: Buffer | string): Promise<void> {
  const statuses = await statusesOf(lab.port, bytes);
  for (const status of statuses) lab.count(status);
  if (statuses.length === 0) closed++;
  expect(statuses.filter((status) => status >= 500)).toEqual([]);
}

it('survives requests that are no HTTP', { timeout: FUZZ_TIMEOUT_MS }, async () => {
  for (const [name, request] of Object.entries(BROKEN_REQUESTS)) {
    await expect(send(typeof request === 'function' ? request() : request), name).resolves.toBeUndefined();
  }
  await lab.expectWell();
});

it('survives requests with any bytes changed', { timeout: FUZZ_TIMEOUT_MS }, async () => {
  await fc.assert(fc.asyncProperty(changedRequest, send), { numRuns: CHANGED_REQUESTS });
  await lab.expectWell();
});

it('survives uploads and live views that are broken off', { timeout: FUZZ_TIMEOUT_MS }, async () => {
  const upload = (headers: string) =>
    `POST /v1/experiments HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${headers}\r\n\r\n{"ver`;
  const view = `GET /v1/experiments/${ids[0]}/events HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  for (let times = 0; times < REQUESTS_PER_ROUTE; times++) {
    await breakOff(lab.port, upload('Content-Length: 1000000'), false);
    await breakOff(lab.port, `${upload('Transfer-Encoding: chunked')}`, false);
    await breakOff(lab.port, view, true);
    await breakOff(lab.port, view, false);
  }
  await lab.expectWell();
});

it('answers every route of its document, whatever it is sent', { timeout: FUZZ_TIMEOUT_MS }, async () => {
  const routes = await routesOf(lab.api.url);
  expect(routes.length).toBeGreaterThan(15);
  for (const route of routes) {
    await fc.assert(
      fc.asyncProperty(requestTo(route, ids), async (shot) => {
        const answer = await lab.shoot(shot);
        expect(answer.status).toBeLessThan(500);
        if (answer.status >= 400) expectProblem(answer);
      }),
      { numRuns: REQUESTS_PER_ROUTE },
    );
  }
  const { grown, shown } = lab.memory.growth();
  console.log(
    `${Object.keys(BROKEN_REQUESTS).length} broken and ${CHANGED_REQUESTS} changed requests, ${REQUESTS_PER_ROUTE} to each of ${routes.length} routes: ` +
      `${lab.tally()}, closed without an answer: ${closed}; ${shown}`,
  );
  await lab.expectWell();
  expect(grown).toBeLessThan(MAY_GROW_MIB);
});
