/** Whatever an earlier version has stored is there after an upgrade, bit by bit. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { readMigrations } from '../../libs/persistence/src/schema/migration-files.js';
import { migrateDatabase, openPersistence } from '@airmeta/persistence';
import { PROJECT } from '../support/project.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

vi.setConfig({ testTimeout: 180_000 });

const FOLDER = join(PROJECT, 'test', 'upgrade');
const all = await readMigrations();
const NAMES = all.migrationDirectories.map(({ path }) => path);
const earlier = NAMES.slice(0, -1);

/** Columns that a later migration takes away, and what it says instead; everything else stays as it is. */
const TAKEN_AWAY: Readonly<Record<string, string>> = {
  'experiments.cancel_requested_at': `SELECT id::text FROM experiments WHERE ending = 'cancel' ORDER BY 1`,
};

/** Columns that a later migration gives new values, which say in what order runs are done and with whom they are shared: nothing of what was computed. */
const RENUMBERED = new Set(['runs.ordinal', 'runs.computation']);

const stays = (table: string) => (column: string) => !(`${table}.${column}` in TAKEN_AWAY) && !RENUMBERED.has(`${table}.${column}`);

let database: TestDatabase | undefined;
afterEach(async () => {
  await database?.drop();
  database = undefined;
});

/** A database as a lab of that version left it, which has been through every version before. */
async function labOf(newest: string): Promise<TestDatabase> {
  const lab = await createTestDatabase({ migrated: false });
  database = lab;
  for (const [index, name] of NAMES.slice(0, NAMES.indexOf(newest) + 1).entries()) {
    await migrateDatabase(lab.url, { ...all, migrationDirectories: all.migrationDirectories.slice(0, index + 1) });
    const file = join(FOLDER, `${name}.sql`);
    if (existsSync(file)) await lab.query(readFileSync(file, 'utf8'));
  }
  return lab;
}

/** Tables with their columns. */
async function shapeOf(lab: TestDatabase): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await lab.query<{ name: string; columns: string[] }>(
    `SELECT table_name AS name, array_agg(column_name::text ORDER BY column_name) AS columns FROM information_schema.columns
     WHERE table_schema = 'public' AND table_name <> '_prisma_migrations' GROUP BY 1 ORDER BY 1`,
  );
  return new Map(rows.map(({ name, columns }) => [name, columns]));
}

/** Every value of those columns, as text that reads back to the same bits; a row is a line. */
async function valuesOf(lab: TestDatabase, table: string, columns: readonly string[]): Promise<string[]> {
  const values = columns.map((column) => `coalesce("${column}"::text, '(null)')`).join(` || ' | ' || `);
  const rows = await lab.query<{ line: string }>(`SELECT ${values} AS line FROM "${table}" ORDER BY 1`);
  return rows.map(({ line }) => line);
}

describe.each(earlier)('a lab of the schema %s', (name) => {
  it('keeps every value through the upgrade, and its results can be read', async () => {
    const lab = await labOf(name);
    const shape = await shapeOf(lab);
    const before = new Map<string, string[]>();
    for (const [table, columns] of shape) {
      const kept = columns.filter(stays(table));
      const lines = await valuesOf(lab, table, kept);
      expect(lines, `${table} is empty: test/upgrade needs rows of it, in a file ${name}.sql or one before`).not.toEqual([]);
      before.set(table, lines);
    }
    const cancelled = shape.get('experiments')?.includes('cancel_requested_at')
      ? await lab.query<{ id: string }>('SELECT id::text FROM experiments WHERE cancel_requested_at IS NOT NULL ORDER BY 1')
      : undefined;

    expect(await migrateDatabase(lab.url)).toEqual(NAMES.slice(NAMES.indexOf(name) + 1));

    for (const [table, lines] of before) {
      const kept = (shape.get(table) ?? []).filter(stays(table));
      expect([table, await valuesOf(lab, table, kept)]).toEqual([table, lines]);
    }
    if (cancelled !== undefined) {
      expect(await lab.query(TAKEN_AWAY['experiments.cancel_requested_at'])).toEqual(cancelled);
    }

    // Replicate by replicate, the twin first.
    const order = await lab.query<{ run: string }>(
      `SELECT right(id::text, 1) AS run FROM runs WHERE experiment_id = '10000000-0000-4000-8000-000000000001' ORDER BY ordinal`,
    );
    expect(order.map(({ run }) => run)).toEqual(['3', '1', '4', '2']);

    const persistence = await openPersistence({ connectionString: lab.url });
    const run = '30000000-0000-4000-8000-000000000001';
    const series = await persistence.experiments.series([run]);
    expect(series.map(({ metric, rounds, values }) => ({ metric, rounds, values }))).toEqual([
      { metric: 'trainLoss', rounds: [0, 50, 100], values: [0.1 + 0.2, 0.1, 5e-324] },
      { metric: 'newTasksAccuracy', rounds: [0, 50, 100], values: [1 / 3, null, -0] },
    ]);
    expect(await persistence.experiments.find('10000000-0000-4000-8000-000000000001')).toMatchObject({
      state: 'finished',
      runs: { completed: 2, diverged: 1, failed: 1 },
      createdAt: new Date('2026-07-31T10:00:00.001Z'),
    });
    await persistence.close();
  });
});

it('every file of rows is of a migration that there is', () => {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.sql'));
  expect(NAMES).toEqual(expect.arrayContaining(files.map((file) => file.replace('.sql', ''))));
});
