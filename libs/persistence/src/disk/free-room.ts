/** How much room the database's disk has left, where that can be told: its folder is on this machine, and we may know which it is. */
import { statfs } from 'node:fs/promises';
import type { Queryable } from '../database/database.js';
import { Prisma } from '../generated/client.js';

/** Null where it cannot be told. */
export async function freeRoom(client: Queryable): Promise<number | null> {
  const [{ folder }] = await client.$queryRaw<{ folder: string | null }[]>(Prisma.sql`
    SELECT CASE
      WHEN inet_server_addr() IS DISTINCT FROM inet_client_addr() THEN NULL -- on another machine
      WHEN pg_tablespace_location(dattablespace) <> '' THEN pg_tablespace_location(dattablespace)
      WHEN pg_has_role(current_user, 'pg_read_all_settings', 'USAGE') THEN current_setting('data_directory')
    END AS folder
    FROM pg_database WHERE datname = current_database()`);
  if (folder === null) return null;
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return null; // in a container of its own
  }
}
