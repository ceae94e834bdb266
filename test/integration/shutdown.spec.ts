/** Stopping, as supervisors do it: SIGTERM, and 30 s until SIGKILL. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { LabClient } from '@airmeta/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sinusoidSweep } from '../support/experiments.js';
import { startApi, startWorker, type LabProcess } from '../support/lab-processes.js';
import { PROJECT } from '../support/project.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

/** What supervisors wait, less what a slow machine adds. */
const GRACE_MS = 25_000;

let database: TestDatabase;
const processes: LabProcess[] = [];
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  await Promise.all(processes.splice(0).map((running) => running.kill()));
  await database.drop();
});

async function stopped(running: LabProcess): Promise<{ code: number | null; milliseconds: number }> {
  const start = performance.now();
  return { code: await running.stop(), milliseconds: performance.now() - start };
}

describe('SIGTERM', () => {
  it('ends a server in time, whatever its clients are in the middle of', async () => {
    const api = await startApi({ databaseUrl: database.url });
    processes.push(api);
    const client = new LabClient(api.url);
    const { id } = await client.submit(sinusoidSweep({ rounds: 100_000 }));
    const view = await fetch(`${api.url}/v1/experiments/${id}/events`, { headers: { accept: 'text/event-stream' } });
    expect((await view.body?.getReader().read())?.done).toBe(false);
    const { hostname, port } = new URL(api.url);
    const half = connect(Number(port), hostname);
    half.on('error', () => undefined); // cut off, as it should be
    half.write(`POST /v1/experiments HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`);
    const idle = connect(Number(port), hostname);
    idle.on('error', () => undefined);
    await Promise.all([once(half, 'ready'), once(idle, 'ready')]);
    const cut = Promise.all([half, idle].map((socket) => new Promise((resolve) => socket.once('close', resolve))));

    const { code, milliseconds } = await stopped(api);
    expect(code, api.output()).toBe(0);
    expect(milliseconds).toBeLessThan(GRACE_MS);
    await cut;
  });

  it('ends a worker in time, and gives its run back with the lines of the log that tell of it', async () => {
    const settings = { databaseUrl: database.url };
    const [api, worker] = await Promise.all([startApi(settings), startWorker(settings)]);
    processes.push(api, worker);
    const client = new LabClient(api.url);
    const { id } = await client.submit(sinusoidSweep({ snrs: ['0 dB'], replicates: 1, rounds: 1_000_000 }));
    for await (const item of client.follow(id)) if (item.kind === 'progress' && item.summary.roundsDone > 0) break;

    const { code, milliseconds } = await stopped(worker);
    expect(code, worker.output()).toBe(0);
    expect(milliseconds).toBeLessThan(GRACE_MS);
    expect(await database.query(`SELECT 1 FROM runs WHERE state = 'running'`)).toEqual([]);

    const lines = worker
      .output()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const [started] = lines.filter(({ msg }) => msg === 'run started');
    const about = { runId: expect.any(String) as string, experimentId: id, fence: 1 };
    expect(started).toMatchObject(about);
    expect(lines.filter(({ msg }) => msg === 'run ended').at(0)).toMatchObject({ ...about, runId: started['runId'], result: 'released' });
    for (const text of [api.output(), worker.output()]) expect(text).not.toContain(new URL(database.url).href);
  });

  it('ends what cannot close, and says so', async () => {
    const program = `
      import { openLog, runService } from '@airmeta/service';
      const log = openLog('stuck', 'info');
      runService('stuck', async () => {
        setInterval(() => undefined, 1_000);
        setImmediate(() => log.info('up'));
        return { log, close: () => new Promise(() => undefined) };
      }, 200);`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      cwd: join(PROJECT, 'test'),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (text.includes('"up"')) child.kill('SIGTERM');
    });
    const [code] = (await once(child, 'close')) as [number | null];
    expect(code).toBe(1);
    expect(said).toContain('did not stop within 0.2 s');
  });
});
