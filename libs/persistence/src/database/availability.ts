/** Tells "the database is not there" from every other failure, through the layers that wrap it. */

/** Prisma: authentication, not reachable, timed out, unknown database, denied, TLS, connection closed, no free connection. */
const PRISMA_CODES = new Set(['P1000', 'P1001', 'P1002', 'P1003', 'P1008', 'P1010', 'P1011', 'P1017', 'P2024', 'P2037']);

/** What adapter-pg calls the same. */
const ADAPTER_KINDS = new Set([
  'DatabaseNotReachable',
  'DatabaseDoesNotExist',
  'DatabaseAccessDenied',
  'AuthenticationFailed',
  'ConnectionClosed',
  'SocketTimeout',
  'TlsConnectionError',
  'TooManyConnections',
]);

const SOCKET_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EPIPE', 'EHOSTUNREACH', 'ENETUNREACH']);

/** SQLSTATE: connection exception, invalid authorization, unknown database, too many connections, shutdown, crash, starting up. */
const SQL_STATE = /^(08...|28...|3D000|53300|57P0[1-5])$/;

/** What pg and Prisma say without giving a code of their own. */
const MESSAGE =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed|Transaction API error: Unable to start a transaction)/;

/** Any of: an error of Node, pg or Prisma; adapter-pg's description of one; what wraps them. */
interface Failure {
  readonly message?: unknown;
  readonly code?: unknown;
  readonly syscall?: unknown;
  readonly kind?: unknown;
  readonly originalCode?: unknown;
  readonly originalMessage?: unknown;
  readonly host?: unknown;
  readonly port?: unknown;
  readonly cause?: unknown;
  readonly meta?: { readonly driverAdapterError?: unknown } | undefined;
  readonly errors?: readonly unknown[];
}

function isAboutConnection({ code, syscall, kind, originalCode, message }: Failure): boolean {
  if (syscall === 'connect') return true;
  const codes = [code, originalCode].filter((candidate) => typeof candidate === 'string');
  if (codes.some((candidate) => PRISMA_CODES.has(candidate) || SOCKET_CODES.has(candidate) || SQL_STATE.test(candidate))) return true;
  return (typeof kind === 'string' && ADAPTER_KINDS.has(kind)) || (typeof message === 'string' && MESSAGE.test(message));
}

function describe({ message, kind, originalMessage, host, port }: Failure): string {
  for (const text of [originalMessage, message]) if (typeof text === 'string' && text !== '') return text;
  const words = String(kind)
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toLowerCase();
  if (typeof host !== 'string') return words;
  return `${words} at ${host}${typeof port === 'number' || typeof port === 'string' ? `:${port}` : ''}`;
}

const DEEPEST = 5;

/** An error and what it wraps, the innermost first. */
export function innerFailures(error: unknown, depth = DEEPEST): Failure[] {
  if (typeof error !== 'object' || error === null || depth === 0) return [];
  const failure = error as Failure;
  const wrapped = [failure.cause, failure.meta?.driverAdapterError, ...(failure.errors ?? [])];
  return [...wrapped.flatMap((inner) => innerFailures(inner, depth - 1)), failure];
}

/** Why the connection failed, in the words of the innermost layer; undefined when the error is about something else. */
export function connectionFault(error: unknown): string | undefined {
  const failure = innerFailures(error).find(isAboutConnection);
  return failure && describe(failure);
}
