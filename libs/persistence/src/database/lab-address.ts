/** What a database's address says of the lab's place in it, which drivers read differently or not at all. */
import { DatabaseUnsuitableError } from './errors.js';

export interface LabAddress {
  /** The address without what follows. */
  readonly url: URL;
  /** PostgreSQL schema of the lab's tables, when the address names one: `?schema=air`, or `?options=-c search_path=air`. */
  readonly schema: string | undefined;
  /** `prefer` is what libpq calls it: TLS when the server offers it. Everything else is left to the driver. */
  readonly tls: 'prefer' | 'as-written';
}

/** What pg takes for `verify-full` and says so at length: with TLS, it always looks whose certificate it is. */
const VERIFIED = new Set(['require', 'verify-ca']);

/** A setting among server options, as a shell would split them: `-c search_path=air,public` or `--search_path=air`. */
const SEARCH_PATH = /(^|\s)(?:-c\s*|--)search[_-]path=((?:\\.|[^\s\\])*)/gi;

/** What Prisma and BullMQ both can name, with room for what the queue adds. */
const SCHEMA_NAME = /^[A-Za-z_][\w$]{0,49}$/;

/** @throws DatabaseUnsuitableError when it names two schemas, or one that not all parts can name */
export function readLabAddress(connectionString: string): LabAddress {
  const url = new URL(connectionString);
  const parameters = url.searchParams;
  const named = parameters.get('schema') || undefined;
  const options = parameters.get('options') ?? '';
  const paths = [...options.matchAll(SEARCH_PATH)].map(([, , value]) => firstSchema(value.replaceAll(/\\(.)/g, '$1')));
  const onPath = paths.at(-1);
  if (named !== undefined && onPath !== undefined && named !== onPath) {
    throw new DatabaseUnsuitableError(
      `DATABASE_URL names two schemas, "${named}" by ?schema= and "${onPath}" by search_path: leave one of them`,
    );
  }
  const tls = ['prefer', 'allow'].includes(parameters.get('sslmode') ?? '') ? 'prefer' : 'as-written';
  const others = options.replaceAll(SEARCH_PATH, '$1').trim();
  parameters.delete('schema');
  if (onPath !== undefined) {
    if (others === '') parameters.delete('options');
    else parameters.set('options', others);
  }
  if (tls === 'prefer') parameters.delete('sslmode');
  else if (VERIFIED.has(parameters.get('sslmode') ?? '')) parameters.set('sslmode', 'verify-full');
  const schema = named ?? onPath;
  if (schema !== undefined && !SCHEMA_NAME.test(schema)) {
    throw new DatabaseUnsuitableError(
      `"${schema.slice(0, 63)}" cannot be the lab’s schema: a name has up to 50 letters of English, digits, _ and $, and begins with no digit`,
    );
  }
  return { url, schema, tls };
}

/** The first schema of a search path that is a schema's name: `"$user"` is one only to the server. */
export function firstSchema(searchPath: string): string | undefined {
  const [, quoted, plain] = /^\s*(?:"((?:[^"]|"")*)"|([^\s,"]+))/.exec(searchPath) ?? [];
  if (quoted === '$user' || plain === '$user') return undefined;
  return quoted?.replaceAll('""', '"') ?? plain?.toLowerCase();
}
