// Installs and builds what is missing or stale, so that every command works as the first one after a clone.
// Plain JavaScript without dependencies: it runs before there are any.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const installStamp = join(root, 'node_modules', '.airmeta-installed');
const buildStamp = join(root, 'node_modules', '.airmeta-built');
const lock = join(root, '.airmeta-build.lock');
const GENERATED = new Set(['node_modules', 'dist', 'generated', '.airmeta', 'out']);

const lockfileHash = () =>
  createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
const contentOf = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : '');

/** Names, sizes and times of everything a build reads. */
function sourceState() {
  const state = createHash('sha256').update(lockfileHash()).update(process.version);
  const visit = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (GENERATED.has(entry.name)) continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) visit(path);
      else {
        const { size, mtimeMs } = statSync(path);
        state.update(`${path} ${size} ${mtimeMs}\n`);
      }
    }
  };
  for (const folder of ['libs', 'apps', 'prisma', 'test', 'examples']) if (existsSync(join(root, folder))) visit(join(root, folder));
  return state.digest('hex');
}

/** Runs npm with everything it says on standard error: standard output belongs to the command that follows. */
function npm(...args) {
  console.error(`> npm ${args.join(' ')}`);
  const { status } = spawnSync('npm', args, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  if (status !== 0) {
    console.error(`npm ${args.join(' ')} failed; what it said is above`);
    process.exit(1);
  }
}

const holderOf = (folder) => Number(contentOf(join(folder, 'pid')));

/** Whether the lock belongs to a process that lives; a lock without a pid was made a moment ago, or its maker died then. */
function holderLives() {
  const pid = holderOf(lock);
  try {
    if (!pid) return Date.now() - statSync(lock).mtimeMs < 10_000;
    process.kill(pid, 0);
    return true;
  } catch {
    return false; // no such process, or the lock was released meanwhile
  }
}

/** Takes a dead process' lock away: of several waiters only one can rename it. */
function clearDeadLock() {
  const grave = `${lock}-${process.pid}`;
  try {
    renameSync(lock, grave);
    rmSync(grave, { recursive: true, force: true });
  } catch {
    // another waiter was first
  }
}

/** One installation or build at a time in this folder. Returns what releases the lock. */
function acquireLock() {
  for (let told = false; ;) {
    try {
      mkdirSync(lock);
      writeFileSync(join(lock, 'pid'), String(process.pid));
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (!holderLives()) clearDeadLock();
    else {
      if (!told) console.error('another command is installing or building here; waiting for it');
      told = true;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
    }
  }
  const release = () => {
    process.off('exit', release);
    if (holderOf(lock) === process.pid) rmSync(lock, { recursive: true, force: true });
  };
  process.once('exit', release);
  return release;
}

const installed = () => contentOf(installStamp) === lockfileHash();
const ENTRIES = ['api', 'cli', 'embedded', 'worker'].map((app) => join(root, 'apps', app, 'dist', 'main.js'));
const PAGES = join(root, 'apps', 'web', 'dist', 'site', 'index.html');
const built = () => contentOf(buildStamp) === sourceState() && [...ENTRIES, PAGES].every((entry) => existsSync(entry));

export function ensureBuilt() {
  if (installed() && built()) return;
  const release = acquireLock();
  if (!installed()) {
    npm('ci', '--no-audit', '--no-fund');
    writeFileSync(installStamp, lockfileHash());
  }
  if (!built()) {
    npm('run', '--silent', 'build');
    writeFileSync(buildStamp, sourceState());
  }
  release();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) ensureBuilt();
