/**
 * Which tables, columns and sequences there are in the schema of a lab's session, as the database itself says: a new table is in every backup
 * by being there.
 */
import type pg from 'pg';

/** Prisma's own bookkeeping; the migrations make it. */
const MIGRATIONS_TABLE = '_prisma_migrations';

export interface CatalogueTable {
  readonly name: string;
  readonly columns: readonly string[];
}

export interface SequenceState {
  readonly name: string;
  readonly value: string;
  readonly called: boolean;
}

/** Names of the applied migrations, in order. */
export async function appliedMigrations(client: pg.ClientBase): Promise<string[]> {
  const { rows: known } = await client.query<{ there: boolean }>(`SELECT to_regclass('${MIGRATIONS_TABLE}') IS NOT NULL AS there`);
  if (!known[0].there) return [];
  const { rows } = await client.query<{ name: string }>(
    `SELECT migration_name AS name FROM ${MIGRATIONS_TABLE} WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}

/** Who works now, which is renewed every few seconds: no data, and another lab's after a restore. */
const LIVE_TABLE = 'workers';

/** The tables of the schema with the columns that can be written, those that are referred to before those that refer. */
export async function catalogueTables(client: pg.ClientBase): Promise<CatalogueTable[]> {
  const { rows: tables } = await client.query<CatalogueTable>(
    `SELECT relname AS name, (
       SELECT array_agg(attname::text ORDER BY attnum) FROM pg_attribute
       WHERE attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
     ) AS columns
     FROM pg_class
     WHERE relnamespace = quote_ident(current_schema())::regnamespace AND relkind = 'r' AND relname <> ALL ($1)
     ORDER BY 1`,
    [[MIGRATIONS_TABLE, LIVE_TABLE]],
  );
  const { rows: references } = await client.query<{ from: string; to: string }>(
    `SELECT referring.relname AS from, referred.relname AS to
     FROM pg_constraint
     JOIN pg_class AS referring ON referring.oid = conrelid
     JOIN pg_class AS referred ON referred.oid = confrelid
     WHERE contype = 'f' AND connamespace = quote_ident(current_schema())::regnamespace AND conrelid <> confrelid`,
  );
  return inOrder(tables, references);
}

/** @throws Error when tables refer to each other in a circle */
function inOrder(tables: readonly CatalogueTable[], references: readonly { from: string; to: string }[]): CatalogueTable[] {
  const ordered: CatalogueTable[] = [];
  const left = new Set(tables);
  while (left.size > 0) {
    const names = new Set([...left].map(({ name }) => name));
    const free = [...left].filter(({ name }) => !references.some(({ from, to }) => from === name && names.has(to)));
    if (free.length === 0) throw new Error(`${[...names].join(', ')} refer to each other in a circle`);
    for (const table of free) {
      ordered.push(table);
      left.delete(table);
    }
  }
  return ordered;
}

export async function sequenceStates(client: pg.ClientBase): Promise<SequenceState[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT sequencename AS name FROM pg_sequences WHERE schemaname = current_schema() ORDER BY 1`,
  );
  const states: SequenceState[] = [];
  for (const { name } of rows) {
    const state = await client.query<Omit<SequenceState, 'name'>>(
      `SELECT last_value::text AS value, is_called AS called FROM ${client.escapeIdentifier(name)}`,
    );
    states.push({ name, ...state.rows[0] });
  }
  return states;
}

/** The table with its columns, as COPY wants it. */
export function copyTarget(client: pg.ClientBase, { name, columns }: CatalogueTable): string {
  return `${client.escapeIdentifier(name)} (${columns.map((column) => client.escapeIdentifier(column)).join(', ')})`;
}
