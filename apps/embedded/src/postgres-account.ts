import { execFile, spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { chown, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const USER = 'postgres';

/** How PostgreSQL's programs are run: as the user of the lab, except that they refuse to run as root. */
export interface PostgresAccount {
  spawn(program: string, args: readonly string[], options: SpawnOptions): ChildProcess;
  /** Hands a file or folder over to the account. */
  own(path: string): Promise<void>;
}

const AS_OURSELVES: PostgresAccount = { spawn: (program, args, options) => spawn(program, args, options), own: async () => undefined };

/**
 * Chooses the account. Under root it is the user `postgres`, who is created when the system has none. Where that user
 * may not pass through a folder on the way to the programs or the data (a clone in /root, a private temporary folder),
 * it is given the one capability that lets it pass, with `setpriv`; permissions of the folders are left alone.
 *
 * @param program one of the programs to be run
 * @param dataDirectory exists
 */
export async function postgresAccount(program: string, dataDirectory: string): Promise<PostgresAccount> {
  if (process.getuid?.() !== 0) return AS_OURSELVES;
  const { uid, gid } = (await findUser()) ?? (await createUser());
  const own = (target: string): Promise<void> => chown(target, uid, gid);
  const barred = await firstBarred([program, dataDirectory], uid, gid);
  if (barred === undefined) return { own, spawn: (program, args, options) => spawn(program, args, { ...options, uid, gid }) };
  const prefix = await passThrough(program, uid, gid);
  if (prefix === undefined) {
    throw new Error(
      `PostgreSQL does not run as root, and the user ${USER}, as whom it would run, may not enter ${barred}: ` +
        `start the lab as an ordinary user, keep project and AIRMETA_DATA_DIR elsewhere, or set DATABASE_URL`,
    );
  }
  return { own, spawn: (program, args, options) => spawn('setpriv', [...prefix, program, ...args], options) };
}

interface UserIds {
  readonly uid: number;
  readonly gid: number;
}

async function findUser(): Promise<UserIds | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', USER]), run('id', ['-g', USER])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

async function createUser(): Promise<UserIds> {
  try {
    await run('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', USER]);
  } catch (error) {
    const user = await findUser(); // another lab may have created it this moment
    if (user !== undefined) return user;
    throw new Error(
      `PostgreSQL does not run as root, and no user ${USER} could be created: start the lab as an ordinary user, or set DATABASE_URL`,
      { cause: error },
    );
  }
  const user = await findUser();
  if (user === undefined) throw new Error(`the user ${USER} was created but cannot be found`);
  return user;
}

/** The first file or folder on the way to `paths` that the user may not pass; undefined when all ways are open. */
async function firstBarred(paths: readonly string[], uid: number, gid: number): Promise<string | undefined> {
  for (const target of paths) {
    for (let place = path.resolve(target); ; place = path.dirname(place)) {
      const { mode, uid: owner, gid: group } = await stat(place);
      const shift = owner === uid ? 6 : group === gid ? 3 : 0;
      if (((mode >> shift) & 1) === 0) return place;
      if (place === path.dirname(place)) break;
    }
  }
  return undefined;
}

const CAPABILITIES = [
  { name: 'dac_read_search', bit: 2n }, // pass through folders and read
  { name: 'dac_override', bit: 1n }, // also write; what containers usually grant
];

/** The arguments of `setpriv` that change to the user and leave it one capability; undefined where that is impossible. */
async function passThrough(program: string, uid: number, gid: number): Promise<string[] | undefined> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '');
  const held = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  for (const { name, bit } of CAPABILITIES) {
    if (((held >> bit) & 1n) === 0n) continue;
    const only = `-all,+${name}`;
    const prefix = [
      `--reuid=${uid}`,
      `--regid=${gid}`,
      '--clear-groups',
      `--inh-caps=${only}`,
      `--ambient-caps=${only}`,
      `--bounding-set=${only}`,
    ];
    prefix.push('--securebits=+no_setuid_fixup', '--no-new-privs'); // the former makes access(2) respect the capability
    const works = await run('setpriv', [...prefix, program, '--version']).then(
      () => true,
      () => false,
    );
    if (works) return prefix;
  }
  return undefined;
}
