/** Rows of tokens: which was made with which, and what ends with it. */
import { randomUUID } from 'node:crypto';
import { NotAllowedError, TooManyTokensError, type ApiToken, type NewToken, type Session } from '@airmeta/lab';
import type { Queryable } from '../database/database.js';
import { storableText } from '../database/storable-text.js';
import { Prisma, type ApiToken as TokenRow } from '../generated/client.js';

export const WITH_MEMBER = { include: { member: { select: { name: true } } } } as const;

export function tokenOf({ hash: _, member, ...token }: TokenRow & { readonly member: { readonly name: string } }): ApiToken {
  return { ...token, member: member.name };
}

/** @param madeWithId the token it ends with; null: none */
export async function insertToken(
  tx: Queryable,
  memberId: string,
  { label, scope, expiresInDays, hash }: NewToken,
  madeWithId: string | null = null,
): Promise<ApiToken> {
  const id = randomUUID();
  await tx.$executeRaw(Prisma.sql`
    INSERT INTO api_tokens (id, member_id, label, scope, hash, created_at, expires_at, made_with_id)
    VALUES (
      ${id}::uuid, ${memberId}::uuid, ${storableText(label)}, ${scope}::token_scope, ${Buffer.from(hash)},
      now(), now() + ${expiresInDays} * interval '1 day', ${madeWithId}::uuid
    )`);
  return tokenOf(await tx.apiToken.findUniqueOrThrow({ where: { id }, ...WITH_MEMBER }));
}

/** Holds the member, so that two new tokens do not both take the last place. @throws TooManyTokensError */
export async function requireRoom(tx: Queryable, memberId: string, most: number): Promise<void> {
  await tx.$executeRaw(Prisma.sql`SELECT id FROM members WHERE id = ${memberId}::uuid FOR NO KEY UPDATE`);
  const [{ valid }] = await tx.$queryRaw<[{ valid: bigint }]>(Prisma.sql`
    SELECT count(*) AS valid FROM api_tokens WHERE member_id = ${memberId}::uuid AND revoked_at IS NULL AND expires_at > now()`);
  if (valid >= most) throw new TooManyTokensError(most);
}

/**
 * The session's token, where it is the member's own, held so that it is not revoked before the one made with it is stored.
 * @throws NotAllowedError when it has been revoked meanwhile
 */
export async function makerOf(tx: Queryable, { caller }: Session, memberId: string): Promise<string | null> {
  if (caller.token === null || caller.token.memberId !== memberId) return null;
  const [maker] = await tx.$queryRaw<{ revoked: boolean }[]>(Prisma.sql`
    SELECT revoked_at IS NOT NULL AS revoked FROM api_tokens WHERE id = ${caller.token.id}::uuid FOR SHARE`);
  if (maker?.revoked !== false) throw new NotAllowedError('the token you use was revoked meanwhile');
  return caller.token.id;
}

/**
 * Ends a token and, unless they are to be kept, those that were made with it, with those, and so on. Whoever is just making one holds
 * the token it is made with: that one is waited for, and looked at again when it is there.
 * @returns how many ended with it
 */
export async function revokeTokens(tx: Queryable, id: string, keepMade: boolean): Promise<number> {
  await tx.$executeRaw(Prisma.sql`UPDATE api_tokens SET revoked_at = now() WHERE id = ${id}::uuid AND revoked_at IS NULL`);
  if (keepMade) return 0;
  let total = 0;
  for (;;) {
    const ended = await tx.$executeRaw(Prisma.sql`
      WITH RECURSIVE made AS (
        SELECT id FROM api_tokens WHERE made_with_id = ${id}::uuid
        UNION
        SELECT token.id FROM api_tokens AS token JOIN made ON token.made_with_id = made.id
      )
      UPDATE api_tokens SET revoked_at = now() FROM made WHERE api_tokens.id = made.id AND revoked_at IS NULL`);
    if (ended === 0) return total;
    total += ended;
  }
}
