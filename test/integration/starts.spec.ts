/** How the programs start, as processes: on addresses that cannot work they end with a sentence, and a backup comes back as documented. */
import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LabClient } from '@airmeta/client';
import pg from 'pg';
import { afterAll, afterEach, describe, expect, inject, it, vi } from 'vitest';
import { sinusoidSweep } from '../support/experiments.js';
import { startApi, startWorker } from '../support/lab-processes.js';
import { PROJECT } from '../support/project.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { redisIsInstalled, startTemporaryRedis } from '../support/temporary-redis.js';

vi.setConfig({ testTimeout: 300_000 });

const folder = mkdtempSync(join(tmpdir(), 'airmeta-starts-'));
const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});
afterAll(() => rmSync(folder, { recursive: true }));

async function emptyDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase({ migrated: false });
  undo.push(() => database.drop());
  return database;
}

const PROGRAMS = {
  server: 'apps/api/dist/main.js',
  worker: 'apps/worker/dist/main.js',
  lab: 'apps/embedded/dist/main.js',
};

/** Runs a program that is to end by itself. */
async function ended(
  program: keyof typeof PROGRAMS,
  environment: Record<string, string>,
): Promise<{ code: number | null; lines: string[] }> {
  const child = spawn(process.execPath, [join(PROJECT, PROGRAMS[program])], {
    env: { PATH: process.env['PATH'], PORT: '0', AIRMETA_DATA_DIR: join(folder, 'data'), AIRMETA_WORKERS: '2', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, lines: said.trimEnd().split('\n') };
}

const everyProgram = Object.keys(PROGRAMS) as (keyof typeof PROGRAMS)[];

/** All of them say it, in their last line, and nothing is made. */
async function expectRefused(environment: Record<string, string>, sentence: RegExp, programs = everyProgram): Promise<void> {
  for (const program of programs) {
    const { code, lines } = await ended(program, environment);
    expect(code).toBe(1);
    expect(lines.join('\n')).not.toMatch(/s3cret|^ +at |panick|\.rs:/m);
    expect(lines.at(-1)).toMatch(sentence);
    if (program !== 'lab') expect(lines).toHaveLength(1);
  }
}

async function expectNothingMade(database: TestDatabase): Promise<void> {
  expect(await database.query(`SELECT 1 FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`)).toEqual([]);
}

describe('an address that cannot work ends server, worker and lab with one sentence:', () => {
  it('a password that has to be percent-encoded, of which nothing is said', async () => {
    const wrong = { DATABASE_URL: 'postgresql://lab:12/s3cret@127.0.0.1:1/airmeta', REDIS_URL: 'redis://:s3cret/x@127.0.0.1:1' };
    await expectRefused(wrong, /DATABASE_URL .*percent-encoded.*; REDIS_URL .*percent-encoded/);
  });

  it('another encoding', async () => {
    const name = `latin_${randomUUID().replaceAll('-', '')}`;
    const admin = new pg.Client({ connectionString: inject('postgresAdminUrl') });
    await admin.connect();
    await admin.query(`CREATE DATABASE ${name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0`);
    const url = new URL(inject('postgresAdminUrl'));
    url.pathname = `/${name}`;
    await expectRefused({ DATABASE_URL: url.href }, /keeps text as LATIN1, and a lab needs UTF8/);
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await admin.end();
  });

  it('a user who may make neither tables nor the queue’s schema, or has too few sessions', async () => {
    const database = await emptyDatabase();
    const name = `user_${randomUUID().replaceAll('-', '')}`;
    await database.query(`CREATE ROLE ${name} LOGIN PASSWORD 's3cret'`);
    undo.push(() => database.query(`DROP OWNED BY ${name}; DROP ROLE ${name}`));
    const url = new URL(database.url);
    url.username = name;
    url.password = 's3cret';
    await expectRefused({ DATABASE_URL: url.href }, /may not create tables in the schema "public": .*GRANT CREATE ON SCHEMA/);
    await database.query(`GRANT CREATE ON SCHEMA public TO ${name}`);
    await expectRefused({ DATABASE_URL: url.href }, /may not make the queue’s schema "bullmq"/, ['server', 'lab']);
    await database.query(`GRANT CREATE ON DATABASE ${url.pathname.slice(1)} TO ${name}`);
    await database.query(`ALTER ROLE ${name} CONNECTION LIMIT 10`);
    await expectRefused({ DATABASE_URL: url.href }, /at most 10 sessions here, and this needs up to 12/, ['server']);
    await expectRefused({ DATABASE_URL: url.href }, /at most 10 sessions here, and this needs up to 34/, ['lab']);
    await expectRefused({ DATABASE_URL: url.href }, /at most 10 sessions here, and this needs up to 11/, ['worker']);
    await expectNothingMade(database);
  });

  it.skipIf(!redisIsInstalled())('a node of a Redis cluster', async () => {
    const database = await emptyDatabase();
    const node = await startTemporaryRedis(['--cluster-enabled', 'yes', '--dir', folder]);
    await expectRefused({ DATABASE_URL: database.url, REDIS_URL: node.url }, /REDIS_URL names a node of a Redis Cluster/, [
      'server',
      'lab',
    ]);
    await node.stop();
    await expectNothingMade(database);
  });
});

it('two labs live in two schemas of one database, each with its own queue', async () => {
  const database = await emptyDatabase();
  const places = ['?schema=air', '?options=-c%20search_path%3Dsea'].map((parameters) => `${database.url}${parameters}`);
  const servers = await Promise.all(places.map((databaseUrl) => startApi({ databaseUrl })));
  undo.push(() => Promise.all(servers.map((server) => server.stop())));
  const worker = await startWorker({ databaseUrl: places[1] });
  undo.push(() => worker.stop());
  const [air, sea] = servers.map(({ url }) => new LabClient(url));
  const waiting = await air.submit(sinusoidSweep({ rounds: 5, replicates: 1 }));
  const { id } = await sea.submit(sinusoidSweep({ rounds: 5, replicates: 1 }));
  for await (const _ of sea.follow(id));
  expect((await sea.experiment(id)).state).toBe('finished');
  expect((await air.experiment(waiting.id)).runs.completed).toBe(0);
  const schemas = await database.query<{ schemaname: string }>(
    `SELECT DISTINCT schemaname FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`,
  );
  expect(schemas.map(({ schemaname }) => schemaname)).toEqual(['air', 'air_bullmq', 'sea', 'sea_bullmq']);

  await servers[0].stop(); // a second start finds what the first has made
  servers[0] = await startApi({ databaseUrl: places[0] });
  expect((await new LabClient(servers[0].url).experiment(waiting.id)).id).toBe(waiting.id);
});

it('a backup comes back into a lab with accounts that has just been started, as documented', async () => {
  const airmeta = (databaseUrl: string, ...args: string[]): Promise<string> =>
    new Promise((resolve, reject) => {
      const env = { PATH: process.env['PATH'] ?? '', DATABASE_URL: databaseUrl };
      execFile(
        process.execPath,
        [join(PROJECT, 'apps/cli/dist/main.js'), 'admin', ...args],
        { cwd: folder, env },
        (error, stdout, stderr) => (error ? reject(new Error(stderr)) : resolve(stdout)),
      );
    });
  const tokenOf = (said: string): string => /airmeta_[\w-]{43}/.exec(said)?.[0] ?? '';
  const accounts = { AIRMETA_AUTH: 'on' };

  const source = await emptyDatabase();
  const old = await startApi({ databaseUrl: source.url, environment: accounts });
  const oldToken = tokenOf(old.output());
  const { id } = await new LabClient(old.url, oldToken).submit(sinusoidSweep({ rounds: 5, replicates: 1 }));
  await airmeta(source.url, 'backup', 'lab.backup.gz');
  await old.stop();

  const target = await emptyDatabase();
  const fresh = await startApi({ databaseUrl: target.url, environment: accounts });
  undo.push(() => fresh.stop());
  const freshToken = tokenOf(fresh.output());
  expect(freshToken).not.toBe('');
  expect(await airmeta(target.url, 'restore', 'lab.backup.gz')).toContain('the members and tokens of the backup are in force');
  expect((await new LabClient(fresh.url, oldToken).experiment(id)).id).toBe(id);
  await expect(new LabClient(fresh.url, freshToken).whoami()).rejects.toThrow('does not know this token');
});
