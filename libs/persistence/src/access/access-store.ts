/** Members and their tokens. */
import { randomUUID } from 'node:crypto';
import {
  LastAdminError,
  MemberExistsError,
  type AccessStore,
  type Credentials,
  type Member,
  type Operation,
  type Session,
} from '@airmeta/lab';
import { appendAudit, selectAudit } from './audit-log.js';
import type { Database, Queryable } from '../database/database.js';
import { StorageFullError } from '../database/errors.js';
import { Prisma, type ApiToken as TokenRow, type Member as MemberRow } from '../generated/client.js';
import { isUuid } from '../database/identifier.js';
import { storableText } from '../database/storable-text.js';
import { insertToken, makerOf, requireRoom, revokeTokens, tokenOf, WITH_MEMBER } from './stored-tokens.js';

/** Transaction lock under which the first admin is added; "members" in ASCII. */
const FIRST_ADMIN_LOCK = 30793452698432115n;

function memberOf({ id, name, role, maxRunning, createdAt }: MemberRow): Member {
  return { id, name, role, maxRunning, createdAt };
}

function credentialsIn(row: TokenRow & { readonly member: MemberRow }, expired: boolean): Credentials {
  const revoked = row.revokedAt !== null || row.member.removedAt !== null;
  return { member: memberOf(row.member), token: tokenOf(row), state: revoked ? 'revoked' : expired ? 'expired' : 'valid' };
}

async function presentMember(tx: Queryable, name: string): Promise<MemberRow | null> {
  return tx.member.findFirst({ where: { name: storableText(name), removedAt: null } });
}

/** Locks the admins, so that two of them cannot leave at the same time, and finds the member whose role ends. */
async function memberWhoseRoleEnds(tx: Queryable, name: string): Promise<MemberRow | null> {
  const admins = await tx.$queryRaw<{ id: string }[]>(Prisma.sql`
    SELECT id FROM members WHERE role = 'admin' AND removed_at IS NULL ORDER BY id FOR UPDATE`);
  const member = await presentMember(tx, name);
  if (member !== null && admins.length === 1 && admins[0].id === member.id) throw new LastAdminError(name);
  return member;
}

export function createAccessStore(database: Database): AccessStore {
  const { client } = database;
  const logged = (tx: Queryable, session: Session, operation: Operation, target: string) =>
    appendAudit(tx, session, { operation, target, outcome: 'done' });

  return {
    async credentials(hash): Promise<Credentials | undefined> {
      const [found] = await client.$queryRaw<{ id: string; expired: boolean; unnoted: boolean }[]>(Prisma.sql`
        SELECT
          id,
          expires_at <= now() AS expired,
          coalesce(last_used_at <= now() - interval '1 minute', true) AS unnoted
        FROM api_tokens
        WHERE hash = ${Buffer.from(hash)}`);
      if (found === undefined) return undefined;
      const row = await client.apiToken.findUniqueOrThrow({ where: { id: found.id }, include: { member: true } });
      const credentials = credentialsIn(row, found.expired);
      if (credentials.state === 'valid' && found.unnoted) {
        await client
          .$executeRaw(
            Prisma.sql`
          UPDATE api_tokens SET last_used_at = now()
          WHERE id = ${row.id}::uuid AND coalesce(last_used_at <= now() - interval '1 minute', true)`,
          )
          .catch((error: unknown) => {
            if (!(error instanceof StorageFullError)) throw error; // who may read can read, room or not
          });
      }
      return credentials;
    },

    async credentialsOf(tokenIds) {
      const ids = [...tokenIds];
      const [rows, expired] = await Promise.all([
        client.apiToken.findMany({ where: { id: { in: ids } }, include: { member: true } }),
        client.$queryRaw<{ id: string }[]>(Prisma.sql`
          SELECT id FROM api_tokens WHERE id = ANY(${ids}::uuid[]) AND expires_at <= now()`),
      ]);
      const ended = new Set(expired.map(({ id }) => id));
      return rows.map((row) => credentialsIn(row, ended.has(row.id)));
    },

    addFirstAdmin: (name, token) =>
      database.transaction(async (tx) => {
        await tx.$executeRaw(Prisma.sql`SELECT pg_advisory_xact_lock(${FIRST_ADMIN_LOCK})`);
        if ((await tx.member.count()) > 0) return false;
        const member = await tx.member.create({ data: { id: randomUUID(), name, role: 'admin' } });
        await insertToken(tx, member.id, token);
        return true;
      }),

    members: async () => (await client.member.findMany({ where: { removedAt: null }, orderBy: { name: 'asc' } })).map(memberOf),

    async findMember(name) {
      const row = await presentMember(client, name);
      return row === null ? undefined : memberOf(row);
    },

    addMember: (session, { name, role }, token) =>
      database.transaction(async (tx) => {
        const [row] = await tx.$queryRaw<{ id: string }[]>(Prisma.sql`
          INSERT INTO members (id, name, role) VALUES (${randomUUID()}::uuid, ${storableText(name)}, ${role}::member_role)
          ON CONFLICT (name) WHERE removed_at IS NULL DO NOTHING
          RETURNING id`);
        if (row === undefined) throw new MemberExistsError(name);
        const member = memberOf(await tx.member.findUniqueOrThrow({ where: { id: row.id } }));
        const stored = await insertToken(tx, member.id, token);
        await logged(tx, session, 'members:add', `${name} as ${role}`);
        return { member, token: stored };
      }),

    changeMember: (session, name, { role, maxRunning }) =>
      database.transaction(async (tx) => {
        const mayEnd = role !== undefined && role !== 'admin';
        const member = await (mayEnd ? memberWhoseRoleEnds(tx, name) : presentMember(tx, name));
        if (member === null) return undefined;
        const data = { ...(role === undefined ? {} : { role }), ...(maxRunning === undefined ? {} : { maxRunning }) };
        const changed = await tx.member.update({ where: { id: member.id }, data });
        if (role !== undefined) await logged(tx, session, 'members:set-role', `${name} to ${role}`);
        if (maxRunning !== undefined) await logged(tx, session, 'members:set-cap', `${name} to ${maxRunning ?? 'no cap'}`);
        return memberOf(changed);
      }),

    removeMember: (session, name) =>
      database.transaction(async (tx) => {
        const member = await memberWhoseRoleEnds(tx, name);
        if (member === null) return false;
        await tx.$executeRaw(Prisma.sql`UPDATE members SET removed_at = now() WHERE id = ${member.id}::uuid`);
        await tx.$executeRaw(Prisma.sql`
          UPDATE api_tokens SET revoked_at = now() WHERE member_id = ${member.id}::uuid AND revoked_at IS NULL`);
        await logged(tx, session, 'members:remove', name);
        return true;
      }),

    async tokens(memberId) {
      const where = memberId === undefined ? {} : { memberId };
      return (await client.apiToken.findMany({ where, orderBy: [{ createdAt: 'desc' }, { id: 'desc' }], ...WITH_MEMBER })).map(tokenOf);
    },

    async findToken(id) {
      const row = isUuid(id) ? await client.apiToken.findUnique({ where: { id }, ...WITH_MEMBER }) : null;
      return row === null ? undefined : tokenOf(row);
    },

    createToken: (session, memberId, token, most) =>
      database.transaction(async (tx) => {
        await requireRoom(tx, memberId, most);
        const stored = await insertToken(tx, memberId, token, await makerOf(tx, session, memberId));
        await logged(tx, session, 'tokens:create', stored.id);
        return stored;
      }),

    revokeToken: (session, id, { keepMade }) =>
      database.transaction(async (tx) => {
        const made = await revokeTokens(tx, id, keepMade);
        await logged(tx, session, 'tokens:revoke', made === 0 ? id : `${id} and ${made} made with it`);
      }),

    audit: (page) => selectAudit(client, page),

    recordUnmade: (session, change) => appendAudit(client, session, change),
  };
}
