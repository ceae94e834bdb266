/** The connection to Postgres: a pool of sessions behind Prisma's client. */
import { PrismaPg } from '@prisma/adapter-pg';
import { databaseFailure } from './database-failure.js';
import { type Prisma, PrismaClient } from '../generated/client.js';
import { StorageFullError } from './errors.js';
import { watchRoom, WRITE_SOMETHING } from './room.js';
import { sessionSettings } from './session-settings.js';
import { settleDatabase } from './settle-database.js';
import { statementNames } from './statement-names.js';

export interface DatabaseOptions {
  /** A PostgreSQL URL; `?schema=` names the schema of the tables. */
  readonly connectionString: string;
  /** Sessions at most; by default `POOL_SIZE`. */
  readonly poolSize?: number;
}

export const POOL_SIZE = 10;

/** The client, or a transaction on it. */
export type Queryable = Prisma.TransactionClient;

/** Every method rejects with `DatabaseUnavailableError` when the database is not there, with `StorageFullError` when it has no room. */
export interface Database {
  readonly client: Queryable;
  /** Runs `work` in one READ COMMITTED transaction; a rejection rolls it back. */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>;
  ping(): Promise<void>;
  /** Resolves when there is room to write, as of the last seconds. */
  requireRoom(): Promise<void>;
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 10_000;
/** A process that is stopped in mid-transaction, or a machine that is gone, must not hold its locks for long. */
const LOCKS_END = "SET idle_in_transaction_session_timeout = '30s'";
/** The largest transaction creates 100,000 runs. */
const TRANSACTION = { maxWait: 30_000, timeout: 120_000 };

function translatingClient(adapter: PrismaPg, translate: (error: unknown) => never): PrismaClient {
  const client = new PrismaClient({ adapter });
  const extended = client.$extends({ query: { $allOperations: ({ args, query }) => query(args).catch(translate) } });
  return extended as unknown as PrismaClient; // the extension changes no signature
}

/**
 * Opens a pool; sessions are made as they are needed.
 * @throws DatabaseUnavailableError when not even one can be made, DatabaseUnsuitableError when no lab can live there
 */
export async function openDatabase({ connectionString, poolSize = POOL_SIZE }: DatabaseOptions): Promise<Database> {
  const settled = await settleDatabase(connectionString);
  const adapter = new PrismaPg(
    {
      connectionString: settled.connectionString,
      max: poolSize,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      // eslint-disable-next-line @typescript-eslint/no-misused-promises -- pg-pool waits for it, whatever its types say
      onConnect: async (session) => {
        await session.query(`${sessionSettings(settled.schema)}; ${LOCKS_END}`);
      },
    },
    { schema: settled.schema, statementNameGenerator: statementNames() },
  );
  const translate = (error: unknown): never => {
    const failure = databaseFailure(error);
    if (failure instanceof StorageFullError) room.noteFull();
    throw failure;
  };
  const client = translatingClient(adapter, translate);
  const room = watchRoom(async () => {
    await client.$executeRawUnsafe(WRITE_SOMETHING);
  });
  const database: Database = {
    client,
    transaction: async (work) => client.$transaction(work, TRANSACTION).catch(translate),
    ping: async () => {
      await client.$queryRaw`SELECT 1`;
    },
    requireRoom: () => room.require(),
    close: () => client.$disconnect(),
  };
  try {
    await database.ping();
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}
