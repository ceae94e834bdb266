/** Members with tokens, and the sessions they have. */
import { effectiveRole, LAB_SESSION, tokenHash, type AccessStore, type Session } from '@airmeta/lab';
import type { MemberRole, TokenScope } from '@airmeta/spec';

let count = 0;

/** Text that looks like a token; its only use is to be hashed. */
export function secretOf(number: number): string {
  return `airmeta_${String(number).padStart(43, '0')}`;
}

/** Adds a member and opens a session with its first token. */
export async function memberSession(
  access: AccessStore,
  name: string,
  role: MemberRole,
  scope: TokenScope = 'admin',
): Promise<Session & { readonly secret: string }> {
  const secret = secretOf(++count);
  const stored = { label: 'test', scope, expiresInDays: 1, hash: tokenHash(secret) };
  const { member, token } = await access.addMember(LAB_SESSION, { name, role }, stored);
  return { caller: { member, token, role: effectiveRole(role, scope) }, requestId: `request-of-${name}`, secret };
}
