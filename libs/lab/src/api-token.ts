/** The secret that an API token is. */
import { createHash, randomBytes } from 'node:crypto';

/** Lets scanners of repositories and logs recognise a token that has leaked. */
const PREFIX = 'airmeta_';
const SECRET_BYTES = 32;
const SECRET = `${PREFIX}[A-Za-z0-9_-]{43}`;
const FORM = new RegExp(`^${SECRET}$`);
const ANYWHERE = new RegExp(SECRET, 'g');

/** A new token: `airmeta_` and 256 random bits. */
export function newTokenSecret(): string {
  return PREFIX + randomBytes(SECRET_BYTES).toString('base64url');
}

/** Whether a text can be a token at all. */
export function isTokenSecret(text: string): boolean {
  return FORM.test(text);
}

/** A text without the tokens in it, for what is kept or shown. */
export function withoutTokens(text: string): string {
  return text.replace(ANYWHERE, `${PREFIX}(hidden)`);
}

/** What is kept of a token. A plain SHA-256 does: 256 random bits cannot be guessed, however fast the guesses are. */
export function tokenHash(secret: string): Uint8Array {
  return createHash('sha256').update(secret).digest();
}
