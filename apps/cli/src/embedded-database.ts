/** The database of the lab that `npm start` runs in a folder: what it says of itself there, and the password that only its owner may read. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const labFileSchema = z.object({ postgresPort: z.int() });

/** Undefined when no lab with a database of its own runs there. */
export async function embeddedDatabaseUrl(dataDirectory: string): Promise<string | undefined> {
  try {
    const { postgresPort } = labFileSchema.parse(JSON.parse(await readFile(join(dataDirectory, 'lab.json'), 'utf8')));
    const password = await readFile(join(dataDirectory, 'postgres-password'), 'utf8');
    return `postgresql://airmeta:${encodeURIComponent(password)}@127.0.0.1:${postgresPort}/airmeta`;
  } catch {
    return undefined;
  }
}
