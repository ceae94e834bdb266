/** What takes how much of the database. */
import type { DiskKind, DiskReport, DiskUsage, OwnerDisk } from '@airmeta/spec';
import type { Database, Queryable } from '../database/database.js';
import { Prisma } from '../generated/client.js';
import { KEPT_BYTES_LIMIT } from '../results/limits.js';
import { freeRoom } from './free-room.js';

export async function readUsage({ client }: Database): Promise<DiskUsage> {
  const [row] = await client.$queryRaw<Omit<DiskUsage, 'freeBytes'>[]>(Prisma.sql`
    SELECT
      pg_database_size(current_database())::float8 AS "databaseBytes",
      coalesce((SELECT sum(kept_bytes) FROM experiments), 0)::float8 AS "keptBytes",
      ${KEPT_BYTES_LIMIT}::float8 AS "keptBytesLimit"`);
  return { ...row, freeBytes: await freeRoom(client) };
}

type OwnedKind = keyof OwnerDisk['bytes'];

/** The tables of each kind; what is in none of them is `other`. */
const TABLES: Readonly<Record<OwnedKind, readonly string[]>> = {
  series: ['series'],
  parameters: ['run_parameters'],
  checkpoints: ['checkpoints', 'checkpoint_chunks'],
  curves: ['fine_tuning_curves'],
  events: ['events'],
};

async function sizesOf(client: Queryable): Promise<ReadonlyMap<string, { readonly bytes: number; readonly pages: number }>> {
  const rows = await client.$queryRaw<{ name: string; bytes: number; pages: number }[]>(Prisma.sql`
    SELECT name, pg_total_relation_size(to_regclass(name))::float8 AS bytes, greatest(pg_class.relpages, 0)::float8 AS pages
    FROM unnest(${Object.values(TABLES).flat()}::text[]) AS name
    JOIN pg_class ON pg_class.oid = to_regclass(name)`);
  return new Map(rows.map(({ name, ...size }) => [name, size]));
}

/** Pages of a table that are looked at for who owns how much of it. */
const SAMPLED_PAGES = 4_000;

/** Whose a row of a table is, and what it takes; a table of which it can be counted without reading its values is not sampled. */
const OWNED: Readonly<
  Record<OwnedKind, { readonly table: string; readonly bytes: string; readonly of: 'run' | 'experiment'; readonly counted: boolean }>
> = {
  series: { table: 'series', bytes: 'pg_column_size(item.rounds) + pg_column_size(item.values)', of: 'run', counted: false },
  parameters: { table: 'run_parameters', bytes: 'octet_length(item.theta)', of: 'run', counted: true },
  checkpoints: { table: 'checkpoints', bytes: 'item.size', of: 'run', counted: true },
  curves: { table: 'fine_tuning_curves', bytes: 'pg_column_size(item.mean) * 7', of: 'run', counted: false },
  events: { table: 'events', bytes: 'pg_column_size(item.data) + 64', of: 'experiment', counted: false },
};

interface OwnedBytes {
  readonly owner: string | null;
  readonly bytes: number;
}

/** Bytes of one kind by the id of their owner. */
async function bytesByOwner(
  client: Queryable,
  kind: OwnedKind,
  size: { readonly bytes: number; readonly pages: number },
): Promise<OwnedBytes[]> {
  const { table, bytes, of, counted } = OWNED[kind];
  const share = counted ? 100 : Math.min(100, (100 * SAMPLED_PAGES) / Math.max(1, size.pages));
  const experiment =
    of === 'run'
      ? 'JOIN runs ON runs.id = item.run_id JOIN experiments ON experiments.id = runs.experiment_id'
      : 'JOIN experiments ON experiments.id = item.experiment_id';
  const rows = await client.$queryRaw<OwnedBytes[]>(Prisma.sql`
    SELECT experiments.owner_id::text AS owner, sum(${Prisma.raw(bytes)})::float8 AS bytes
    FROM ${Prisma.raw(table)} AS item TABLESAMPLE SYSTEM (${Prisma.raw(String(share))}) REPEATABLE (1)
    ${Prisma.raw(experiment)}
    GROUP BY 1`);
  if (counted) return rows;
  const total = rows.reduce((sum, row) => sum + row.bytes, 0);
  return rows.map((row) => ({ owner: row.owner, bytes: Math.round((size.bytes * row.bytes) / total) }));
}

interface OwnerRow {
  readonly id: string | null;
  readonly member: string | null;
  readonly experiments: number;
  readonly runs: number;
}

export async function readReport(database: Database): Promise<DiskReport> {
  const { client } = database;
  const usage = await readUsage(database);
  const sizes = await sizesOf(client);
  const bytesOf = (kind: OwnedKind) => TABLES[kind].reduce((sum, table) => sum + (sizes.get(table)?.bytes ?? 0), 0);
  const kinds = Object.keys(TABLES) as OwnedKind[];
  const owned = new Map<OwnedKind, ReadonlyMap<string | null, number>>();
  for (const kind of kinds) {
    const rows = await bytesByOwner(client, kind, { bytes: bytesOf(kind), pages: sizes.get(OWNED[kind].table)?.pages ?? 0 });
    owned.set(kind, new Map(rows.map(({ owner, bytes }) => [owner, bytes])));
  }
  const rows = await client.$queryRaw<OwnerRow[]>(Prisma.sql`
    SELECT experiments.owner_id::text AS id, members.name AS member, count(*)::int AS experiments, sum(run_count)::int AS runs
    FROM experiments LEFT JOIN members ON members.id = experiments.owner_id
    GROUP BY 1, 2`);
  const owners = rows.map(({ id, ...row }): OwnerDisk => {
    const bytes = (kind: OwnedKind) => owned.get(kind)?.get(id) ?? 0;
    return {
      ...row,
      bytes: {
        ...{ series: bytes('series'), parameters: bytes('parameters'), checkpoints: bytes('checkpoints') },
        ...{ curves: bytes('curves'), events: bytes('events') },
      },
    };
  });
  const total = ({ bytes }: OwnerDisk) => Object.values(bytes).reduce((sum, each) => sum + each, 0);
  const known = kinds.reduce((sum, kind) => sum + bytesOf(kind), 0);
  const byKind = kinds.map((kind): { kind: DiskKind; bytes: number } => ({ kind, bytes: bytesOf(kind) }));
  return {
    ...usage,
    kinds: [...byKind, { kind: 'other', bytes: Math.max(0, usage.databaseBytes - known) }],
    owners: owners.sort((one, other) => total(other) - total(one)),
  };
}
