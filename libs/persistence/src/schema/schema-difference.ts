/** Do schema.prisma and the migrations say the same? */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { settleDatabase } from '../database/settle-database.js';
import { PRISMA_FOLDER } from './migration-files.js';
import { NO_FILTER, withSchemaEngine } from './schema-engine.js';

/**
 * SQL that brings the database from what it is to what schema.prisma says: the next migration, when the database has
 * all present ones. Empty when there is nothing to do. What Prisma's language cannot say (partial indexes, checks,
 * storage parameters) is left out of both sides.
 */
export async function schemaDifference(connectionString: string): Promise<string> {
  const schemaPath = path.join(PRISMA_FOLDER, 'schema.prisma');
  const files = [{ path: schemaPath, content: await readFile(schemaPath, 'utf8') }];
  const { stdout } = await withSchemaEngine(await settleDatabase(connectionString), (engine) =>
    engine.diff({
      from: { tag: 'schemaDatasource', files, configDir: PRISMA_FOLDER },
      to: { tag: 'schemaDatamodel', files },
      script: true,
      exitCode: null,
      filters: NO_FILTER,
    }),
  );
  const statements = (stdout ?? '').trim();
  return statements === '-- This is an empty migration.' ? '' : statements;
}
