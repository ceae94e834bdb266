/**
 * The format of a backup: gzip over a line of JSON (the manifest) and blocks. A block is a line of JSON ({ table, bytes }) and that many
 * bytes in the text format of COPY; a line { end, digest } comes last. Portable: no binary formats, no versions of PostgreSQL.
 */
import { createHash, type Hash } from 'node:crypto';
import { z } from 'zod';

export const FORMAT = 'airmeta-backup';
export const FORMAT_VERSION = 1;
export const NEWLINE = 0x0a;

const tableSchema = z.object({ name: z.string(), columns: z.array(z.string()).min(1), rows: z.number().int().min(0) });
const sequenceSchema = z.object({ name: z.string(), value: z.string().regex(/^-?\d+$/), called: z.boolean() });

export const manifestSchema = z.object({
  format: z.literal(FORMAT),
  version: z.literal(FORMAT_VERSION),
  createdAt: z.string(),
  /** Names of the migrations that made the tables, in order. */
  migrations: z.array(z.string()),
  /** In the order in which they can be filled: what is referred to comes first. */
  tables: z.array(tableSchema),
  sequences: z.array(sequenceSchema),
});

export type Manifest = z.output<typeof manifestSchema>;
export type ManifestTable = Manifest['tables'][number];

/** A piece of a table, or the end. */
export const blockSchema = z.union([
  z.object({ table: z.string(), bytes: z.number().int().min(1) }),
  z.object({ end: z.literal(true), digest: z.string() }),
]);

/** The checksum covers everything before the last line. */
export function newDigest(): Hash {
  return createHash('sha256');
}
