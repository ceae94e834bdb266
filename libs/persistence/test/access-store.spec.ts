import { LAB_SESSION, tokenHash, TooManyTokensError, type Session } from '@airmeta/lab';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.js';
import { openPersistence, type Persistence } from '../src/index.js';
import { planOf } from './support/fixtures.js';
import { memberSession, secretOf } from './support/sessions.js';

let database: TestDatabase;
let persistence: Persistence;

/** Valid tokens that a member may have. */
const ROOM = 100;

beforeAll(async () => {
  database = await createTestDatabase();
  persistence = await openPersistence({ connectionString: database.url });
});

afterAll(async () => {
  await persistence.close();
  await database.drop();
});

const tokenNamed = (number: number, label = 'test') => {
  return { label, scope: 'admin', expiresInDays: 30, hash: tokenHash(secretOf(number)) } as const;
};

describe('the first admin', () => {
  it('is added once, though two processes start together', async () => {
    const both = [persistence.access.addFirstAdmin('admin', tokenNamed(9001)), persistence.access.addFirstAdmin('admin', tokenNamed(9002))];
    expect((await Promise.all(both)).sort()).toEqual([false, true]);
    expect(await persistence.access.members()).toMatchObject([{ name: 'admin', role: 'admin' }]);
    expect(await persistence.access.tokens()).toHaveLength(1);
  });

  it('stays, and stays an admin, while there is no other', async () => {
    await expect(persistence.access.removeMember(LAB_SESSION, 'admin')).rejects.toMatchObject({ name: 'LastAdminError' });
    await expect(persistence.access.changeMember(LAB_SESSION, 'admin', { role: 'viewer' })).rejects.toMatchObject({
      name: 'LastAdminError',
    });
    await memberSession(persistence.access, 'second', 'admin');
    // Two admins that would remove each other at the same time: one of them stays.
    const outcomes = await Promise.allSettled([
      persistence.access.removeMember(LAB_SESSION, 'admin'),
      persistence.access.removeMember(LAB_SESSION, 'second'),
    ]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await persistence.access.members()).toHaveLength(1);
  });
});

describe('a token', () => {
  it('is kept as a hash only, and leads to its member', async () => {
    const { secret, caller } = await memberSession(persistence.access, 'ada', 'researcher', 'write');
    const found = await persistence.access.credentials(tokenHash(secret));
    expect(found).toMatchObject({ state: 'valid', member: { name: 'ada', role: 'researcher' }, token: { scope: 'write', member: 'ada' } });
    const [{ dump }] = await database.query<{ dump: string }>('SELECT string_agg(api_tokens::text, chr(10)) AS dump FROM api_tokens');
    expect(dump).not.toContain(secret);
    expect(dump).not.toContain(Buffer.from(secret).toString('hex'));
    expect(dump).toContain(Buffer.from(tokenHash(secret)).toString('hex'));
    expect(await persistence.access.credentials(tokenHash(`${secret}x`))).toBeUndefined();
    expect(await persistence.access.findToken(caller.token?.id ?? '')).not.toHaveProperty('hash');
  });

  it('notes its use at most once a minute', async () => {
    const { secret, caller } = await memberSession(persistence.access, 'bob', 'viewer');
    const id = caller.token?.id ?? '';
    const version = async () =>
      (
        await database.query<{ xmin: string; used: Date | null }>('SELECT xmin::text, last_used_at AS used FROM api_tokens WHERE id = $1', [
          id,
        ])
      )[0];
    expect((await version()).used).toBeNull();
    await persistence.access.credentials(tokenHash(secret));
    const first = await version();
    expect(first.used).not.toBeNull();
    await persistence.access.credentials(tokenHash(secret));
    expect(await version()).toEqual(first);
    await database.query(`UPDATE api_tokens SET last_used_at = now() - interval '61 seconds' WHERE id = $1`, [id]);
    await persistence.access.credentials(tokenHash(secret));
    expect((await version()).used?.getTime()).toBeGreaterThanOrEqual(first.used?.getTime() ?? NaN);
  });

  it('ends by expiring, by being revoked, and with its member', async () => {
    const { secret, caller, ...session } = await memberSession(persistence.access, 'eve', 'researcher');
    const state = async (text: string) => (await persistence.access.credentials(tokenHash(text)))?.state;
    const second = await persistence.access.createToken({ caller, ...session }, caller.member?.id ?? '', tokenNamed(9010), ROOM);
    const third = await persistence.access.createToken({ caller, ...session }, caller.member?.id ?? '', tokenNamed(9011), ROOM);
    expect(second.expiresAt.getTime() - second.createdAt.getTime()).toBe(30 * 86_400_000);
    await database.query(`UPDATE api_tokens SET expires_at = now() - interval '1 second' WHERE id = $1`, [second.id]);
    expect(await state(secretOf(9010))).toBe('expired');
    await persistence.access.revokeToken({ caller, ...session }, third.id, { keepMade: false });
    const revokedAt = (await persistence.access.findToken(third.id))?.revokedAt;
    await persistence.access.revokeToken({ caller, ...session }, third.id, { keepMade: false });
    expect((await persistence.access.findToken(third.id))?.revokedAt).toEqual(revokedAt);
    expect(await state(secretOf(9011))).toBe('revoked');
    expect(await state(secret)).toBe('valid');
    await persistence.access.removeMember(LAB_SESSION, 'eve');
    expect(await state(secret)).toBe('revoked');
    expect(await persistence.access.findMember('eve')).toBeUndefined();
    await memberSession(persistence.access, 'eve', 'viewer'); // the name is free again, for somebody else
    expect(await state(secret)).toBe('revoked');
  });
});

it('gives a member so many valid tokens and no more, however many ask at once', async () => {
  const { caller } = await memberSession(persistence.access, 'many', 'researcher');
  const memberId = caller.member?.id ?? '';
  const make = (number: number) => persistence.access.createToken(LAB_SESSION, memberId, tokenNamed(number), 4);
  const settled = await Promise.allSettled(Array.from({ length: 6 }, (_, index) => make(9030 + index)));
  const refused = settled.filter((one) => one.status === 'rejected').map((one): unknown => one.reason);
  expect([(await persistence.access.tokens(memberId)).length, refused.length]).toEqual([4, 3]);
  for (const reason of refused) expect(reason).toBeInstanceOf(TooManyTokensError);
  const [newest] = await persistence.access.tokens(memberId);
  await persistence.access.revokeToken(LAB_SESSION, newest.id, { keepMade: false });
  await expect(make(9040)).resolves.toBeDefined(); // what has ended takes no place
  await database.query('UPDATE api_tokens SET expires_at = now() WHERE member_id = $1', [memberId]);
  await expect(make(9041)).resolves.toBeDefined();
});

describe('a token that was made with another', () => {
  const at = async (secret: string) => (await persistence.access.credentials(tokenHash(secret)))?.state;
  const chain = async (name: string, first: number) => {
    const { caller, secret } = await memberSession(persistence.access, name, 'researcher');
    const memberId = caller.member?.id ?? '';
    const own = { caller, requestId: null };
    const child = await persistence.access.createToken(own, memberId, tokenNamed(first), ROOM);
    const grandchild = await persistence.access.createToken(
      { caller: { ...caller, token: child }, requestId: null },
      memberId,
      tokenNamed(first + 1),
      ROOM,
    );
    return { own, memberId, secret, child, grandchild };
  };

  it('ends with it, and so does what was made with that', async () => {
    const { own, child, grandchild, secret } = await chain('made-ada', 9100);
    expect([child.madeWithId, grandchild.madeWithId]).toEqual([own.caller.token?.id, child.id]);
    await persistence.access.revokeToken(LAB_SESSION, own.caller.token?.id ?? '', { keepMade: false });
    expect([await at(secret), await at(secretOf(9100)), await at(secretOf(9101))]).toEqual(['revoked', 'revoked', 'revoked']);
  });

  it('stays when it is to be kept', async () => {
    const { own, child, secret } = await chain('made-ben', 9110);
    await persistence.access.revokeToken(own, own.caller.token?.id ?? '', { keepMade: true });
    expect([await at(secret), await at(secretOf(9110)), await at(secretOf(9111))]).toEqual(['revoked', 'valid', 'valid']);
    await persistence.access.revokeToken(LAB_SESSION, child.id, { keepMade: false });
    expect([await at(secretOf(9110)), await at(secretOf(9111))]).toEqual(['revoked', 'revoked']);
  });

  it('is no matter of an admin who makes tokens for others', async () => {
    const { own: admin } = await chain('made-root', 9120);
    const { caller } = await memberSession(persistence.access, 'made-cleo', 'viewer');
    const given = await persistence.access.createToken(admin, caller.member?.id ?? '', tokenNamed(9122), ROOM);
    expect(given.madeWithId).toBeNull();
    await persistence.access.revokeToken(LAB_SESSION, admin.caller.token?.id ?? '', { keepMade: false });
    expect(await at(secretOf(9122))).toBe('valid');
  });

  it('is not made after all when its maker is revoked at the same time, or ends with it', async () => {
    for (let round = 0; round < 10; round++) {
      const { own, child, memberId } = await chain(`made-race-${round}`, 9200 + 10 * round);
      const withChild = { caller: { ...own.caller, token: child }, requestId: null };
      const [made] = await Promise.allSettled([
        persistence.access.createToken(withChild, memberId, tokenNamed(9202 + 10 * round), ROOM),
        persistence.access.revokeToken(own, own.caller.token?.id ?? '', { keepMade: false }),
      ]);
      if (made.status === 'rejected') expect(made.reason).toMatchObject({ message: 'the token you use was revoked meanwhile' });
      else expect(await at(secretOf(9202 + 10 * round))).toBe('revoked');
    }
  });
});

describe('members', () => {
  it('have different names', async () => {
    await memberSession(persistence.access, 'carl', 'viewer');
    await expect(memberSession(persistence.access, 'carl', 'admin')).rejects.toMatchObject({ name: 'MemberExistsError' });
    expect(await persistence.access.changeMember(LAB_SESSION, 'carl', { role: 'researcher' })).toMatchObject({
      name: 'carl',
      role: 'researcher',
    });
    expect(await persistence.access.changeMember(LAB_SESSION, 'nobody', { role: 'researcher' })).toBeUndefined();
    expect(await persistence.access.removeMember(LAB_SESSION, 'nobody')).toBe(false);
  });
});

describe('the audit log', () => {
  const entriesOf = async (session: Session) =>
    (await persistence.access.audit({ limit: 200 })).items.filter(({ requestId }) => requestId === session.requestId).reverse();

  it('has one row per change, written with it: who, by which token, what, when', async () => {
    const session = await memberSession(persistence.access, 'grace', 'researcher');
    const store = persistence.experimentsOf(session);
    const { id } = (await store.create(planOf())).summary;
    await store.change(id, { visibility: 'private' });
    await store.cancel(id);
    const { id: token } = await persistence.access.createToken(session, session.caller.member?.id ?? '', tokenNamed(9020), ROOM);
    await persistence.access.recordUnmade(session, { operation: 'members:add', target: 'x\0y', outcome: 'refused' });
    const by = { member: 'grace', tokenId: session.caller.token?.id, requestId: 'request-of-grace' };
    expect(await entriesOf(session)).toMatchObject([
      { ...by, operation: 'experiments:submit', target: id, outcome: 'done' },
      { ...by, operation: 'experiments:change', target: `${id} to private`, outcome: 'done' },
      { ...by, operation: 'experiments:cancel', target: id, outcome: 'done' },
      { ...by, operation: 'tokens:create', target: token, outcome: 'done' },
      { ...by, operation: 'members:add', target: 'x\\u0000y', outcome: 'refused' },
    ]);
  });

  it('keeps no token that somebody has pasted, and nothing that a terminal would obey', async () => {
    const session = await memberSession(persistence.access, 'mallory', 'viewer');
    const { secret } = await memberSession(persistence.access, 'peggy', 'viewer');
    for (const target of [secret, 'x\n2026-11-25 admin', '\u001b[31m', 'long'.repeat(1000)])
      await persistence.access.recordUnmade(session, { operation: 'members:remove', target, outcome: 'refused' });
    expect((await entriesOf(session)).map(({ target }) => target)).toEqual([
      'airmeta_(hidden)',
      'x\\u000a2026-11-25 admin',
      '\\u001b[31m',
      `${'long'.repeat(49)}lon…`,
    ]);
  });

  it('has no row of a change that was rolled back', async () => {
    const session = await memberSession(persistence.access, 'heidi', 'researcher');
    await expect(persistence.access.createToken(session, session.caller.member?.id ?? '', tokenNamed(9020), ROOM)).rejects.toThrow();
    expect(await entriesOf(session)).toEqual([]);
  });

  it.each([
    ['UPDATE', `UPDATE audit_log SET outcome = 'done'`],
    ['DELETE', 'DELETE FROM audit_log WHERE false'],
    ['TRUNCATE', 'TRUNCATE audit_log'],
  ])('refuses %s, whoever asks', async (_, statement) => {
    await expect(database.query(statement)).rejects.toThrow('the audit log is append-only');
  });

  it('is read in pages, newest first', async () => {
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page: Awaited<ReturnType<Persistence['access']['audit']>> = await persistence.access.audit({
        limit: 4,
        ...(after === null ? {} : { after }),
      });
      seen.push(...page.items.map(({ id }) => id));
      after = page.nextCursor;
    } while (after !== null);
    const all = await database.query<{ id: string }>('SELECT id FROM audit_log ORDER BY id DESC');
    expect(seen).toEqual(all.map(({ id }) => id));
    await expect(persistence.access.audit({ limit: 1, after: 'x' })).rejects.toMatchObject({ code: 'invalid-cursor' });
  });
});
