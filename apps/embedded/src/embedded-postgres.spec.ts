import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { buildCopy, type BuiltCopy } from '../test/built-copy.js';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.js';
import { processIdentity } from './process-identity.js';

interface Holder {
  readonly process: ChildProcess;
  readonly postgres: number;
  readonly connectionString: string;
}

describe('embedded PostgreSQL', { timeout: 60_000 }, () => {
  let copy: BuiltCopy;
  let dataDirectory: string;
  let holderProgram: string;
  let reports: string[] = [];
  const running = new Set<EmbeddedPostgres>();

  beforeAll(async () => {
    copy = await buildCopy();
    dataDirectory = await mkdtemp(path.join(tmpdir(), 'airmeta-postgres-')); // private: also root's user postgres gets in
    holderProgram = await copy.program(
      'holder.js',
      `import { startEmbeddedPostgres } from ${JSON.stringify(copy.module('embedded-postgres.js'))};
       const { connectionString, process: server } = await startEmbeddedPostgres({
         dataDirectory: process.argv[2], maxConnections: 20, signal: new AbortController().signal, report() {}, onLine() {},
       });
       console.log(JSON.stringify({ connectionString, postgres: server.pid }));`,
    );
  }, 60_000);
  afterEach(async () => {
    await Promise.all([...running].map((postgres) => postgres.process.stop()));
    running.clear();
    reports = [];
  });
  afterAll(async () => {
    await copy.remove();
    await rm(dataDirectory, { recursive: true, force: true });
  });

  const start = async (folder = dataDirectory, onLine: (line: string) => void = () => undefined): Promise<EmbeddedPostgres> => {
    const postgres = await startEmbeddedPostgres({
      dataDirectory: folder,
      maxConnections: 20,
      signal: new AbortController().signal,
      report: (sentence) => reports.push(sentence),
      onLine,
    });
    running.add(postgres);
    return postgres;
  };

  /** Another process with an embedded PostgreSQL. */
  const hold = async (): Promise<Holder> => {
    const holder = spawn(process.execPath, [holderProgram, dataDirectory], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(createInterface({ input: holder.stdout }), 'line')) as [string];
    return { process: holder, ...(JSON.parse(line) as { postgres: number; connectionString: string }) };
  };

  const killed = async (child: ChildProcess): Promise<void> => {
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };

  const query = async (connectionString: string, sql: string): Promise<Record<string, unknown>[]> => {
    const client = new pg.Client({ connectionString });
    await client.connect();
    const { rows } = (await client.query(sql)) as { rows: Record<string, unknown>[] };
    await client.end();
    return rows;
  };

  it('creates a database on the first start, listens on loopback and asks for the password', async () => {
    const { connectionString, port } = await start();
    expect(reports).toEqual([`created the database in ${path.join(dataDirectory, 'postgres')}`]);
    await query(connectionString, 'CREATE TABLE notes (line text)');
    const [settings] = await query(
      connectionString,
      `SELECT current_setting('listen_addresses') AS listen, current_setting('unix_socket_directories') AS sockets, current_database() AS db`,
    );
    expect(settings).toEqual({ listen: '127.0.0.1', sockets: '', db: 'airmeta' });
    const wrong = new URL(connectionString);
    wrong.password = 'guess';
    await expect(query(wrong.href, 'SELECT 1')).rejects.toThrow('password authentication failed');
    const passwordFile = path.join(dataDirectory, 'postgres-password');
    expect((await stat(passwordFile)).mode & 0o777).toBe(0o600);
    expect(connectionString).toBe(`postgresql://airmeta:${await readFile(passwordFile, 'utf8')}@127.0.0.1:${port}/airmeta`);
    expect((await readdir(dataDirectory)).sort()).toEqual(['postgres', 'postgres-password']);
  });

  it('keeps its data over a stop, which is a clean one', async () => {
    const first = await start();
    await query(first.connectionString, `INSERT INTO notes VALUES ('kept')`);
    const idle = new pg.Client({ connectionString: first.connectionString });
    idle.on('error', () => undefined);
    await idle.connect(); // a client that stays does not hold it up
    await first.process.stop();
    const lines: string[] = [];
    const second = await start(dataDirectory, (line) => lines.push(line));
    expect(await query(second.connectionString, 'SELECT line FROM notes')).toEqual([{ line: 'kept' }]);
    expect(lines.join('\n')).toContain('database system was shut down at');
    expect(reports).toEqual([]);
  });

  it('comes back on the same port when it dies', async () => {
    const lines = new EventTarget();
    const { connectionString, process: server } = await start(dataDirectory, (line) => {
      if (line.includes('ready to accept connections')) lines.dispatchEvent(new Event('ready'));
    });
    const ready = once(lines, 'ready');
    process.kill(server.pid ?? 0, 'SIGKILL');
    await ready;
    expect(await query(connectionString, 'SELECT line FROM notes')).toEqual([{ line: 'kept' }]);
  });

  it('recovers after the whole tree was killed', async () => {
    const holder = await hold();
    await query(holder.connectionString, `INSERT INTO notes VALUES ('committed')`);
    await killed(holder.process);
    process.kill(holder.postgres, 'SIGKILL');
    const lines: string[] = [];
    const { connectionString } = await start(dataDirectory, (line) => lines.push(line));
    expect(await query(connectionString, 'SELECT line FROM notes')).toEqual([{ line: 'kept' }, { line: 'committed' }]);
    expect(lines.join('\n')).toContain('was interrupted');
  });

  it('stops the server that a killed supervisor left behind, and never runs two', async () => {
    const holder = await hold();
    const orphan = new pg.Client({ connectionString: holder.connectionString });
    const ended = new Promise((resolve) => orphan.on('error', resolve));
    await orphan.connect();
    await killed(holder.process);
    expect((await orphan.query('SELECT 1')).rowCount).toBe(1);
    const postgres = await start();
    await ended;
    expect(reports).toEqual([`an earlier lab left its PostgreSQL running (process ${holder.postgres}): stopping it`]);
    expect(await processIdentity(holder.postgres)).toBeUndefined();
    expect(postgres.process.pid).not.toBe(holder.postgres);
  });

  it('is not misled when the process number in a stale postmaster.pid has gone to another program', async () => {
    const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)']);
    const file = path.join(dataDirectory, 'postgres', 'postmaster.pid');
    await writeFile(file, `${stranger.pid}\n${path.join(dataDirectory, 'postgres')}\n1700000000\n5432\n\n127.0.0.1\n\nready\n`);
    await start();
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
    await killed(stranger);
  });

  it('sets a new password when the file with the old one was lost', async () => {
    await rm(path.join(dataDirectory, 'postgres-password'));
    const { connectionString } = await start();
    expect(await query(connectionString, 'SELECT count(*)::int AS n FROM notes')).toEqual([{ n: 2 }]);
  });

  it('does not take a folder of something else for its own', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'airmeta-postgres-'));
    await mkdir(path.join(folder, 'postgres'));
    await writeFile(path.join(folder, 'postgres', 'thesis.tex'), '');
    await expect(start(folder)).rejects.toThrow('is not empty and not a PostgreSQL cluster');
    await rm(path.join(folder, 'postgres', 'thesis.tex'));
    await writeFile(path.join(folder, 'postgres', 'PG_VERSION'), '9\n');
    await expect(start(folder)).rejects.toThrow('was made by PostgreSQL 9');
    await rm(folder, { recursive: true });
  });

  it('starts anew after it was killed while it created the database', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'airmeta-postgres-'));
    const holder = spawn(process.execPath, [holderProgram, folder], { stdio: 'inherit' });
    const begun = new Promise<void>((resolve) => {
      const watcher = watch(folder, (_event, name) => {
        if (name?.endsWith('.password') !== true) return; // initdb is about to run
        watcher.close();
        resolve();
      });
    });
    await begun;
    await killed(holder);
    expect((await readdir(folder)).filter((name) => name.startsWith('postgres.new-')).length).toBeGreaterThan(0);
    expect(await readdir(folder)).not.toContain('postgres');
    const { connectionString } = await start(folder);
    expect(await query(connectionString, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect((await readdir(folder)).sort()).toEqual(['postgres', 'postgres-password']);
    await Promise.all([...running].map((postgres) => postgres.process.stop()));
    await rm(folder, { recursive: true });
  });
});
