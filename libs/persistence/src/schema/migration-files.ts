/** The migrations folder, as the schema engine wants it. It stands at the same distance from `src` and from `dist`. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MigrationList } from './schema-engine.js';

export const PRISMA_FOLDER = fileURLToPath(new URL('../../../../prisma/', import.meta.url));
const LOCKFILE = 'migration_lock.toml';
const SCRIPT = 'migration.sql';

/** Reads the folder; migrations apply in the order of their names. */
export async function readMigrations(baseDir = path.join(PRISMA_FOLDER, 'migrations')): Promise<MigrationList> {
  const entries = await readdir(baseDir, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return {
    baseDir,
    lockfile: { path: LOCKFILE, content: await readFile(path.join(baseDir, LOCKFILE), 'utf8') },
    shadowDbInitScript: '',
    migrationDirectories: await Promise.all(
      names.sort().map(async (name) => ({
        path: name,
        migrationFile: { path: SCRIPT, content: { tag: 'ok' as const, value: await readFile(path.join(baseDir, name, SCRIPT), 'utf8') } },
      })),
    ),
  };
}
