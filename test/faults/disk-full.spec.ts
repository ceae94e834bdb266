/** A disk with no room for the database: the lab says so, can be read, and goes on when there is room. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { sinusoidSweep } from '../support/experiments.js';
import { startApi, startWorker, type LabProcess } from '../support/lab-processes.js';
import { databaseAt, type TestDatabase } from '../support/test-database.js';
import { LabClient } from '@airmeta/client';
import { until } from '../support/until.js';

/** Room for the lab's tables, about 9 MB, and little more. */
const DISK = '40m';
const DISK_FULL = '53100';

/** Whether a small disk can be made here: that takes root, and a PostgreSQL on this machine. */
function mountedDisk(): string | undefined {
  if (process.getuid?.() !== 0 || process.env['AIRMETA_TEST_DATABASE_URL']) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'airmeta-small-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK}`, 'tmpfs', folder], { stdio: 'ignore' });
    chmodSync(folder, 0o777);
    execFileSync('chown', ['postgres', folder]);
    return folder;
  } catch {
    rmdirSync(folder);
    return undefined;
  }
}

const disk = mountedDisk();

describe.skipIf(disk === undefined)('a lab whose disk is full', { timeout: 300_000 }, () => {
  const name = `airmeta_full_${process.pid}`;
  let admin: pg.Client;
  let database: TestDatabase;
  let api: LabProcess & { readonly url: string };
  let worker: LabProcess;
  let client: LabClient;

  beforeAll(async () => {
    admin = new pg.Client({ connectionString: inject('postgresAdminUrl') });
    await admin.connect();
    await admin.query(`CREATE TABLESPACE ${name} LOCATION '${disk}'`);
    await admin.query(`CREATE DATABASE ${name} TEMPLATE template0 TABLESPACE ${name}`);
    const url = new URL(inject('postgresAdminUrl'));
    url.pathname = `/${name}`;
    database = databaseAt(url.href);
    const settings = { databaseUrl: url.href, environment: { AIRMETA_AUTH: 'on' } };
    api = await startApi(settings);
    worker = await startWorker(settings);
    const [token] = /airmeta_[\w-]{43}/.exec(api.output()) ?? [];
    client = new LabClient(api.url, token);
  });
  afterAll(async () => {
    await worker?.stop();
    await api?.stop();
    await database?.drop();
    await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await admin.query(`DROP TABLESPACE IF EXISTS ${name}`);
    await admin.end();
    execFileSync('umount', [String(disk)]);
    rmdirSync(String(disk));
  });

  const health = async (probe: 'live' | 'ready') => {
    const answer = await fetch(`${api.url}/health/${probe}`);
    return { status: answer.status, text: await answer.text() };
  };

  /** Until not even a page is left. */
  async function fill(): Promise<void> {
    await database.query('CREATE TABLE IF NOT EXISTS filler (line int)');
    for (let lines = 100_000; lines > 0;) {
      try {
        await database.query(`INSERT INTO filler SELECT generate_series(1, ${lines})`);
      } catch (error) {
        if (!(error instanceof pg.DatabaseError) || error.code !== DISK_FULL) throw error;
        lines = Math.floor(lines / 4);
      }
    }
  }

  it('refuses a submission with the reason, is not ready for that reason, lives and answers questions', async () => {
    expect(await health('ready')).toEqual({ status: 200, text: '{"status":"ok"}' });
    const { id } = await client.submit(sinusoidSweep({ rounds: 30_000, replicates: 1 }));
    await until('a run is under way', async () => (await client.experiment(id)).runs.running > 0);
    await fill();
    await until('a submission finds no room', async () => {
      const error: unknown = await client.submit(sinusoidSweep({ rounds: 5, replicates: 50 }), { force: true }).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (error === undefined) return false; // there was room in half-filled pages
      expect(error).toMatchObject({
        problem: {
          status: 507,
          type: 'urn:airmeta:problem:storage-full',
          detail: 'the disk of the lab’s database is full: nothing can be stored until whoever runs the lab makes room',
        },
      });
      return true;
    });
    const ready = await health('ready');
    expect(ready.status).toBe(503);
    expect(JSON.parse(ready.text)).toMatchObject({ type: 'urn:airmeta:problem:storage-full' });
    expect(ready.text).toContain('the disk of the lab’s database is full');
    expect((await health('live')).status).toBe(200);
    expect((await client.experiments(1)).items.length).toBeGreaterThan(0);

    await database.query('DROP TABLE filler');
    await until('it is ready again', async () => (await health('ready')).status === 200);
    for await (const _ of client.follow(id));
    const ended = await client.experiment(id);
    expect(ended).toMatchObject({ state: 'finished', runs: { failed: 0 } });
    expect(ended.runs.completed).toBeGreaterThan(0);
    const after = await client.submit(sinusoidSweep({ rounds: 5, replicates: 1 }), { force: true });
    for await (const _ of client.follow(after.id));
    expect((await client.experiment(after.id)).state).toBe('finished');
  });

  it('says so at the next probe, before anybody has submitted anything', async () => {
    await fill();
    const { status } = await until('it is not ready', async () => {
      const seen = await health('ready');
      return seen.status !== 200 && seen;
    });
    expect(status).toBe(503);
    await database.query('DROP TABLE filler');
    await until('it is ready again', async () => (await health('ready')).status === 200);
  });
});
