/** Finds out, before anything is written, whether a lab can live at an address, and settles what drivers would each guess for themselves. */
import pg from 'pg';
import { connectionFault } from './availability.js';
import { DatabaseUnavailableError, DatabaseUnsuitableError, PersistenceError } from './errors.js';
import { firstSchema, readLabAddress, type LabAddress } from './lab-address.js';
import { sharesSessions } from './pooler.js';

/** An address that was looked at. */
export interface SettledDatabase {
  /** The address with its schema, as `?schema=`, and with the kind of TLS that the server speaks. */
  readonly connectionString: string;
  readonly schema: string;
}

export interface SettleOptions {
  /** Sessions that the caller may have open at once; by default they are not counted. */
  readonly sessions?: number;
}

const CONNECT_TIMEOUT_MS = 10_000;
/** What the queue, which lives beside the lab's tables, asks for; see PostgreSQL's versioning policy for what is still kept. */
const OLDEST_POSTGRES = 13;
const NO_TLS = 'The server does not support SSL connections';

/**
 * Connects once and asks what this lab needs to know of the database. Nothing is written.
 * @throws DatabaseUnsuitableError with one sentence about what is in the way, DatabaseUnavailableError
 */
export async function settleDatabase(connectionString: string, { sessions }: SettleOptions = {}): Promise<SettledDatabase> {
  const address = readLabAddress(connectionString);
  try {
    const client = await connect(address);
    try {
      const facts = await factsOf(client);
      const schema = address.schema ?? facts.currentSchema ?? firstSchema(facts.searchPath) ?? 'public';
      requireKind(facts);
      if (await sharesSessions(client, () => opened(address.url))) throw new DatabaseUnsuitableError(POOLED);
      requireSessions(facts, sessions);
      await requireRights(client, facts, schema);
      address.url.searchParams.set('schema', schema);
      return { connectionString: address.url.href, schema };
    } finally {
      await client.end().catch(() => undefined); // what it was asked is answered, or failed with a reason
    }
  } catch (error) {
    throw asPersistenceError(error);
  }
}

const POOLED =
  'DATABASE_URL goes through a pooler such as PgBouncer in transaction mode, and a lab needs sessions of its own, for locks, settings and ' +
  'its queue: name PostgreSQL itself, or a pool with pool_mode = session';

/** A client on the address; with `prefer`, the address then says what the server speaks. */
async function connect({ url, tls }: LabAddress): Promise<pg.Client> {
  if (tls === 'as-written') return opened(url);
  url.searchParams.set('sslmode', 'no-verify');
  try {
    return await opened(url);
  } catch (error) {
    if (!(error instanceof Error) || error.message !== NO_TLS) throw error;
    url.searchParams.set('sslmode', 'disable');
    return opened(url);
  }
}

async function opened(url: URL): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url.href, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  client.on('error', () => undefined); // a lost connection also fails the query under way, which reports it
  await client.connect();
  return client;
}

interface Facts {
  readonly database: string;
  readonly user: string;
  readonly version: string;
  readonly encoding: string;
  readonly standby: boolean;
  readonly readOnly: boolean;
  readonly currentSchema: string | null;
  readonly searchPath: string;
  /** Sessions that the server, the database or the user may have. */
  readonly sessions: number;
}

async function factsOf(client: pg.Client): Promise<Facts> {
  const { rows } = await client.query<Facts>(`
    SELECT current_database() AS database, current_user::text AS "user", current_setting('server_version_num') AS version,
      current_setting('server_encoding') AS encoding,
      pg_is_in_recovery() AS standby, current_setting('transaction_read_only') = 'on' AS "readOnly",
      current_schema()::text AS "currentSchema", current_setting('search_path') AS "searchPath",
      least(
        current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
          - coalesce(current_setting('reserved_connections', true)::int, 0),
        (SELECT nullif(datconnlimit, -1) FROM pg_database WHERE datname = current_database()),
        (SELECT nullif(rolconnlimit, -1) FROM pg_roles WHERE rolname = current_user)
      ) AS sessions`);
  return rows[0];
}

function requireKind({ database, version, encoding, standby, readOnly }: Facts): void {
  const major = Math.floor(Number(version) / 10_000);
  if (major < OLDEST_POSTGRES) {
    throw new DatabaseUnsuitableError(`the server is PostgreSQL ${major}, and a lab needs ${OLDEST_POSTGRES} or later`);
  }
  if (encoding !== 'UTF8') {
    throw new DatabaseUnsuitableError(
      `the database "${database}" keeps text as ${encoding}, and a lab needs UTF8: make one with CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0`,
    );
  }
  if (standby) throw new DatabaseUnsuitableError('DATABASE_URL names a standby, which only reads: name the primary server');
  if (readOnly) {
    throw new DatabaseUnsuitableError(
      `the database "${database}" only reads for this user (default_transaction_read_only is on): a lab has to write`,
    );
  }
}

function requireSessions({ user, sessions }: Facts, needed: number | undefined): void {
  if (needed === undefined || needed <= sessions) return;
  throw new DatabaseUnsuitableError(
    `PostgreSQL gives "${user}" at most ${sessions} sessions here, and this needs up to ${needed}: raise max_connections or the limit of ` +
      'the user or database, or start fewer workers',
  );
}

interface Rights {
  readonly there: boolean;
  readonly mayCreateSchema: boolean;
  readonly mayUse: boolean;
  readonly mayCreate: boolean;
  readonly migrated: boolean;
  /** Tables of the lab that the user may not read and write. */
  readonly denied: readonly string[] | null;
}

async function requireRights(client: pg.Client, { database, user }: Facts, schema: string): Promise<void> {
  const { rows } = await client.query<Rights>(
    `SELECT oid IS NOT NULL AS there,
       has_database_privilege(current_database(), 'CREATE') AS "mayCreateSchema",
       coalesce(has_schema_privilege(oid, 'USAGE'), false) AS "mayUse",
       coalesce(has_schema_privilege(oid, 'CREATE'), false) AS "mayCreate",
       EXISTS (SELECT 1 FROM pg_class WHERE relnamespace = oid_of.oid AND relname = '_prisma_migrations') AS migrated,
       (SELECT array_agg(relname::text ORDER BY relname) FROM pg_class
        WHERE relnamespace = oid_of.oid AND relkind = 'r' AND NOT (
          has_table_privilege(pg_class.oid, 'SELECT') AND has_table_privilege(pg_class.oid, 'INSERT')
          AND has_table_privilege(pg_class.oid, 'UPDATE') AND has_table_privilege(pg_class.oid, 'DELETE'))) AS denied
     FROM (SELECT to_regnamespace(quote_ident($1))::oid AS oid) AS oid_of`,
    [schema],
  );
  const { there, mayCreateSchema, mayUse, mayCreate, migrated, denied } = rows[0];
  const refuse = (what: string, grant: string): never => {
    throw new DatabaseUnsuitableError(`the user "${user}" ${what}: as its owner, GRANT ${grant} TO ${pg.escapeIdentifier(user)}`);
  };
  const named = pg.escapeIdentifier(schema);
  if (!there && !mayCreateSchema) {
    refuse(`may not create the schema "${schema}" in the database "${database}"`, `CREATE ON DATABASE ${pg.escapeIdentifier(database)}`);
  }
  if (!there) return;
  if (!mayUse) refuse(`may not use the schema "${schema}"`, `USAGE, CREATE ON SCHEMA ${named}`);
  if (!migrated && !mayCreate) refuse(`may not create tables in the schema "${schema}"`, `CREATE ON SCHEMA ${named}`);
  if (migrated && denied !== null) {
    refuse(
      `may not read and write ${denied.slice(0, 3).join(', ')}${denied.length > 3 ? ` and ${denied.length - 3} more tables` : ''} of the schema "${schema}"`,
      `SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${named}`,
    );
  }
}

/** TLS that was asked for and cannot be had, and certificates nobody has vouched for: what Node and pg say of them. */
const UNTRUSTED = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_HAS_EXPIRED',
]);
/** A pooler that takes no options, or no transactions. */
const POOLER_REFUSES = /unsupported startup parameter|transaction blocks not allowed in statement pooling mode/;

function asPersistenceError(error: unknown): unknown {
  if (error instanceof PersistenceError || !(error instanceof Error)) return error;
  const code = 'code' in error ? String(error.code) : '';
  if (error.message === NO_TLS) {
    return new DatabaseUnsuitableError(
      'DATABASE_URL asks for TLS, and the server speaks none: give sslmode=prefer or sslmode=disable, or set up TLS there',
    );
  }
  if (UNTRUSTED.has(code)) {
    return new DatabaseUnsuitableError(
      `the certificate of PostgreSQL is not trusted (${error.message}): name its authority with sslrootcert=<file>, or give sslmode=no-verify`,
    );
  }
  if (POOLER_REFUSES.test(error.message)) return new DatabaseUnsuitableError(`${POOLED} (it says: ${error.message})`);
  const fault = connectionFault(error);
  return fault === undefined ? error : new DatabaseUnavailableError(fault, { cause: error });
}
