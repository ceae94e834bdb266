/** Addresses of services as variables hold them: what is wrong with one, without repeating any of it, as there may be a password in it. */
import { z } from 'zod';

const ENCODE = 'percent-encoded: @ as %40, : as %3A, / as %2F, ? as %3F, # as %23, % as %25, a space as %20';
const UNENCODED = `has a name or a password that an address cannot hold as it is: write it ${ENCODE}`;

/** Parameters whose value may hold an @ as it is, such as `?user=ada@example.org`. */
const MAY_HOLD_AT = /^(user|password|application_name|options|host|ssl\w+)=/;

function cannotDecode(text: string): boolean {
  try {
    decodeURIComponent(text);
    return false;
  } catch {
    return true;
  }
}

/** Whether a character of the user's name or password was taken for the end of it. */
function isUnencoded(rest: string): boolean {
  const [authority] = /^[^/?#]*/.exec(rest) ?? [''];
  const [path, ...query] = rest.slice(authority.length).split('?');
  const userinfo = authority.slice(0, Math.max(0, authority.lastIndexOf('@')));
  const stray = query
    .join('?')
    .split('&')
    .filter((parameter) => parameter.includes('@') && !MAY_HOLD_AT.test(parameter));
  return /\s/.test(authority) || cannotDecode(userinfo) || path.includes('@') || stray.length > 0 || rest.includes('#');
}

/**
 * A sentence that goes on from the name of the variable; undefined when the address can be tried. No part of the address is in it.
 * @param schemes such as postgresql
 * @param example a whole address
 */
export function addressFault(text: string, schemes: readonly string[], example: string): string | undefined {
  const scheme = schemes.find((candidate) => text.toLowerCase().startsWith(`${candidate}://`));
  if (scheme === undefined) return `must be an address that begins with ${schemes.map((one) => `${one}://`).join(' or ')}`;
  if (isUnencoded(text.slice(scheme.length + '://'.length))) return UNENCODED;
  if (!URL.canParse(text)) return `cannot be read as an address, which looks like ${example} with name and password ${ENCODE}`;
  return undefined;
}

function address(schemes: readonly string[], example: string) {
  return z.string().superRefine((text, context) => {
    const fault = addressFault(text, schemes, example);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
  });
}

const POSTGRES = [['postgresql', 'postgres'], 'postgresql://user:password@host:5432/airmeta'] as const;

/** What is wrong with an address of PostgreSQL, as `addressFault` says it. */
export const databaseAddressFault = (text: string): string | undefined => addressFault(text, ...POSTGRES);

/** The variable `DATABASE_URL`. */
export const databaseAddress = address(...POSTGRES);
/** The variable `REDIS_URL`. */
export const redisAddress = address(['redis', 'rediss'], 'redis://:password@host:6379');
/** Where spans are sent. */
export const httpAddress = address(['http', 'https'], 'http://collector:4318');
