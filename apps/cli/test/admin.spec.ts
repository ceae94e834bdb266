/** `airmeta admin` as a process, on databases of its own. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.js';

/** Many processes, or heavy ones, one after another. */
vi.setConfig({ testTimeout: 300_000 });

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

let folder: string;
let source: TestDatabase;
let target: TestDatabase;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'airmeta-admin-'));
  [source, target] = await Promise.all([createTestDatabase(), createTestDatabase({ migrated: false })]);
  await source.query(`INSERT INTO admission_turns VALUES ('00000000-0000-4000-8000-000000000001', 7)`);
});
afterAll(async () => {
  await Promise.all([source.drop(), target.drop()]);
  rmSync(folder, { recursive: true });
});

function admin(databaseUrl: string, ...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const environment = { PATH: process.env['PATH'] ?? '', DATABASE_URL: databaseUrl };
    execFile(process.execPath, [MAIN, 'admin', ...args], { cwd: folder, env: environment }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}

it('moves a lab from one database to another', async () => {
  const refused = await admin(source.url, 'restore', 'lab.gz');
  expect(refused).toMatchObject({ code: 1, stderr: 'airmeta: there is no file lab.gz\n' });
  expect(await admin(source.url, 'backup', 'lab.gz')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^wrote 1 rows of \d+ tables to lab\.gz\n$/) as string,
  });
  expect((await admin(target.url, 'restore', 'lab.gz')).stderr).toContain('run "airmeta admin migrate" first');
  expect((await admin(target.url, 'migrate')).stdout).toContain('applied\n  2');
  expect((await admin(target.url, 'migrate')).stdout).toBe('the tables are up to date\n');
  expect(await admin(target.url, 'restore', 'lab.gz')).toMatchObject({ code: 0, stderr: '' });
  expect(await target.query('SELECT * FROM admission_turns')).toEqual(await source.query('SELECT * FROM admission_turns'));
  expect(await admin(target.url, 'restore', 'lab.gz')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('has data already, in admission_turns') as string,
  });
});

it('says in a sentence what is wrong with its surroundings, and no password', async () => {
  expect(await admin('', 'migrate')).toMatchObject({ code: 2, stderr: expect.stringContaining('set DATABASE_URL') as string });
  expect(await admin('mysql://x:hush@y/z', 'migrate')).toMatchObject({ code: 2, stderr: expect.not.stringContaining('hush') as string });
  const nowhere = new URL(source.url);
  nowhere.pathname = '/no_such_database';
  expect(await admin(nowhere.href, 'backup', 'never.gz')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^airmeta: the database is not available: [^\n]*\n$/) as string,
  });
  expect(await admin(source.url, 'backup', 'no/such/folder.gz')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^airmeta: ENOENT[^\n]*\n$/) as string,
  });
});

it('finds the database of a lab that runs in the folder', async () => {
  const { port, password } = new URL(source.url);
  mkdirSync(join(folder, '.airmeta'));
  writeFileSync(join(folder, '.airmeta', 'lab.json'), JSON.stringify({ pid: 1, postgresPort: Number(port) }));
  writeFileSync(join(folder, '.airmeta', 'postgres-password'), password);
  // The server is another one: it has no database of that name, and says so after the password was right.
  expect(await admin('', 'backup', 'embedded.gz')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('database "airmeta" does not exist') as string,
  });
});
