/**
 * Prisma's own schema engine as WebAssembly. The CLI would download a native one; this one is in the package registry
 * and talks to the database through the same driver adapter as the client.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  DriverAdapterError,
  type SqlDriverAdapter,
  type SqlQuery,
  type SqlResultSet,
} from '@prisma/driver-adapter-utils';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';
import { sessionSettings } from '../database/session-settings.js';
import type { SettledDatabase } from '../database/settle-database.js';

export type SchemaEngine = bindings.SchemaEngine;
export type { MigrationList } from '@prisma/schema-engine-wasm/schema_engine_bg';

/** The engine looks at the lab's schema only, where nothing is managed by others. */
export const NO_FILTER: bindings.SchemaFilter = { externalTables: [], externalEnums: [] };

/** The part of the global that is used here; Node's own types leave it to the DOM's. */
declare const WebAssembly: {
  instantiate(bytes: Uint8Array, imports: Record<string, object>): Promise<{ instance: { exports: Record<string, unknown> } }>;
};

let instantiated: Promise<void> | undefined;

/** Where the engine leaves the message of a panic, which no promise would report: it ends the process, in plain words. */
const panicRegistry = {
  set_message: (message: string): never => {
    throw new Error(`Prisma's schema engine panicked: ${message}`);
  },
};

async function instantiate(): Promise<void> {
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: panicRegistry });
  const glue = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const bytes = await readFile(path.join(path.dirname(glue), 'schema_engine_bg.wasm'));
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': bindings });
  bindings.__wbg_set_wasm(instance.exports);
  (instance.exports['__wbindgen_start'] as () => void)();
}

/**
 * The engine reads catalogue columns of type "char", which it knows as Character and adapter-pg does not know at all.
 * The pool passes them off to the adapter as text, marked by name; `withCatalogColumns` gives them their type.
 */
const CHAR_MARK = '\0char';

class CatalogPool extends pg.Pool {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- one implementation behind pg's eight overloads
  override async query(...query: any[]): Promise<any> {
    const result = await (super.query as (...query: unknown[]) => Promise<pg.QueryArrayResult>).apply(this, query);
    for (const field of result.fields ?? []) {
      if (field.dataTypeID !== Number(pg.types.builtins.CHAR)) continue;
      field.dataTypeID = pg.types.builtins.TEXT;
      field.name += CHAR_MARK;
    }
    return result;
  }
}

function withCatalogColumns<A extends SqlDriverAdapter>(adapter: A): A {
  const queryRaw = adapter.queryRaw.bind(adapter);
  return Object.assign(adapter, {
    queryRaw: async (query: SqlQuery): Promise<SqlResultSet> => {
      const result = await queryRaw(query);
      const isChar = result.columnNames.map((name) => name.endsWith(CHAR_MARK));
      return {
        ...result,
        columnNames: result.columnNames.map((name, column) => (isChar[column] ? name.slice(0, -CHAR_MARK.length) : name)),
        columnTypes: result.columnTypes.map((type, column) => (isChar[column] ? ColumnTypeEnum.Character : type)),
      };
    },
  });
}

/**
 * adapter-pg splits a script at every semicolon and sends the pieces one by one. A simple query runs the script whole
 * and in one implicit transaction: a migration applies entirely or not at all, and may contain any text.
 */
function withWholeScripts<A extends SqlDriverAdapter>(adapter: A, pool: pg.Pool, onFailure: (error: pg.DatabaseError) => void): A {
  const executeScript = async (script: string): Promise<void> => {
    try {
      await pool.query(script);
    } catch (error) {
      if (!(error instanceof pg.DatabaseError)) throw error;
      onFailure(error);
      const { code = 'N/A', severity = 'ERROR', message, detail, column, hint } = error;
      throw new DriverAdapterError({ kind: 'postgres', code, severity, message, detail, column, hint });
    }
  };
  return Object.assign(adapter, { executeScript });
}

/** What PostgreSQL said to a statement; the engine wraps it in words of its own. */
export class ScriptFailedError extends Error {
  constructor(
    readonly database: pg.DatabaseError,
    options: { readonly cause: unknown },
  ) {
    super(database.message, options);
  }
}

/**
 * Runs `use` with an engine on a database, over one connection that is closed afterwards.
 * @throws ScriptFailedError when PostgreSQL refused a script
 */
export async function withSchemaEngine<T>(
  { connectionString, schema }: SettledDatabase,
  use: (engine: SchemaEngine) => Promise<T>,
): Promise<T> {
  await (instantiated ??= instantiate());
  const pool = new CatalogPool({
    connectionString,
    max: 1,
    // eslint-disable-next-line @typescript-eslint/no-misused-promises -- pg-pool waits for it, whatever its types say
    onConnect: async (session) => {
      await session.query(sessionSettings(schema));
    },
  });
  const prisma = new PrismaPg(pool, { schema });
  const failures: pg.DatabaseError[] = [];
  const factory = bindMigrationAwareSqlAdapterFactory({
    provider: prisma.provider,
    adapterName: prisma.adapterName,
    connect: async () => withCatalogColumns(withWholeScripts(await prisma.connect(), pool, (error) => failures.push(error))),
    connectToShadowDb: () => Promise.reject(new Error('the schema engine asked for a shadow database; none of our commands needs one')),
  });
  try {
    const engine = await bindings.SchemaEngine.new({ datamodels: undefined }, () => undefined, factory);
    try {
      return await use(engine);
    } finally {
      engine.free();
    }
  } catch (error) {
    const refused = failures.at(-1);
    throw refused === undefined ? error : new ScriptFailedError(refused, { cause: error });
  } finally {
    await pool.end();
  }
}
