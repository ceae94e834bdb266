/** The connection to Postgres: a pool of sessions behind Prisma's client. */
import { PrismaPg } from '@prisma/adapter-pg';
import { connectionFault } from './availability.js';
import { DatabaseUnavailableError } from './errors.js';
import { type Prisma, PrismaClient } from '../generated/client.js';
import { statementNames } from './statement-names.js';

export interface DatabaseOptions {
  /** A PostgreSQL URL. */
  readonly connectionString: string;
  /** Sessions at most; by default 10. */
  readonly poolSize?: number;
}

/** The client, or a transaction on it. */
export type Queryable = Prisma.TransactionClient;

/** Every method rejects with `DatabaseUnavailableError` when the database is not there. */
export interface Database {
  readonly client: Queryable;
  /** Runs `work` in one READ COMMITTED transaction; a rejection rolls it back. */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>;
  ping(): Promise<void>;
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 10_000;
/**
 * adapter-pg drops the offset of a timestamptz and takes what is left for UTC. A process that is stopped in mid-transaction, or a machine that
 * is gone, must not hold its locks for long.
 */
const SESSION = "SET TimeZone = 'UTC'; SET idle_in_transaction_session_timeout = '30s'";
/** The largest transaction creates 100,000 runs. */
const TRANSACTION = { maxWait: 30_000, timeout: 120_000 };

function translate(error: unknown): never {
  const fault = connectionFault(error);
  throw fault === undefined || error instanceof DatabaseUnavailableError ? error : new DatabaseUnavailableError(fault, { cause: error });
}

function translatingClient(adapter: PrismaPg): PrismaClient {
  const client = new PrismaClient({ adapter });
  const extended = client.$extends({ query: { $allOperations: ({ args, query }) => query(args).catch(translate) } });
  return extended as unknown as PrismaClient; // the extension changes no signature
}

/**
 * Opens a pool; sessions are made as they are needed.
 * @throws DatabaseUnavailableError when not even one can be made
 */
export async function openDatabase({ connectionString, poolSize = 10 }: DatabaseOptions): Promise<Database> {
  const adapter = new PrismaPg(
    {
      connectionString,
      max: poolSize,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      onConnect: (session) => {
        session.query(SESSION).catch(() => undefined); // a session that broke says so at its first query
      },
    },
    { statementNameGenerator: statementNames() },
  );
  const client = translatingClient(adapter);
  const database: Database = {
    client,
    transaction: async (work) => client.$transaction(work, TRANSACTION).catch(translate),
    ping: async () => {
      await client.$queryRaw`SELECT 1`;
    },
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
