/** Live views end with the access of whoever watches: two servers on one database, watched on both, changed through one of them. */
import { LabClient } from '@airmeta/client';
import type { MemberRole } from '@airmeta/spec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sinusoidSweep } from '../support/experiments.js';
import { startApi } from '../support/lab-processes.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { until } from '../support/until.js';

let database: TestDatabase;
let servers: readonly Awaited<ReturnType<typeof startApi>>[];
let admin: LabClient;
let owner: LabClient;
let names = 0;

/** Far less than a view may last, far more than it takes, however busy the machine is. */
const SOON_MS = 20_000;

beforeAll(async () => {
  database = await createTestDatabase();
  const start = () => startApi({ databaseUrl: database.url, environment: { AIRMETA_AUTH: 'on' } });
  const first = await start();
  servers = [first, await start()];
  const [token] = /airmeta_[\w-]{43}/.exec(first.output()) ?? [''];
  admin = new LabClient(first.url, token);
  owner = new LabClient(first.url, (await admin.addMember('owner', 'researcher')).token.secret);
});

afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await database.drop();
});

interface View {
  /** Everything that was given so far. */
  readonly given: () => string;
  /** Whether the server ended it. */
  readonly ended: () => boolean;
  close(): Promise<void>;
}

async function watch(url: string, secret: string, id: string): Promise<View> {
  const response = await fetch(`${url}/v1/experiments/${id}/events`, { headers: { authorization: `Bearer ${secret}` } });
  expect(response.status).toBe(200);
  if (!response.body) throw new Error('a live view without a body');
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let given = '';
  let ended = false;
  const reading = (async () => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      given += value;
    }
    ended = true;
  })();
  return {
    given: () => given,
    ended: () => ended,
    close: async () => {
      await reader.cancel();
      await reading;
    },
  };
}

/** A member and the secret of a token. */
async function join(role: MemberRole): Promise<{ readonly name: string; readonly secret: string; readonly tokenId: string }> {
  const name = `member${names++}`;
  const { token } = await admin.addMember(name, role);
  return { name, secret: token.secret, tokenId: token.id };
}

/** Views of an experiment that waits for workers, on every server, which have been given where it stands. */
async function watchedEverywhere(secret: string, id: string): Promise<View[]> {
  const views = await Promise.all(servers.map(({ url }) => watch(url, secret, id)));
  for (const view of views) await until('the first progress', () => view.given().includes('event: progress'));
  return views;
}

/** All views end, and none of them tells what happens after the end of access. */
async function endAll(views: readonly View[], id: string, end: () => Promise<unknown>): Promise<void> {
  await end();
  await owner.change(id, { tags: ['told-too-late'] });
  for (const view of views) {
    await until('the end of the view', () => view.ended(), SOON_MS);
    expect(view.given()).not.toContain('told-too-late');
  }
}

const submit = (visibility: 'lab' | 'private') => owner.submit(sinusoidSweep({ name: `watched ${visibility}` }), { visibility });

describe('a live view ends, on every server, when', () => {
  it('its member is removed', async () => {
    const [{ id }, { name, secret }] = [await submit('lab'), await join('viewer')];
    await endAll(await watchedEverywhere(secret, id), id, () => admin.removeMember(name));
  });

  it('its token is revoked', async () => {
    const [{ id }, { secret, tokenId }] = [await submit('lab'), await join('researcher')];
    await endAll(await watchedEverywhere(secret, id), id, () => admin.revokeToken(tokenId));
  });

  it('its token expires', async () => {
    const [{ id }, { secret, tokenId }] = [await submit('lab'), await join('viewer')];
    const expire = () => database.query('UPDATE api_tokens SET expires_at = now() WHERE id = $1', [tokenId]);
    await endAll(await watchedEverywhere(secret, id), id, expire);
  });

  it('its member is no admin any more, who alone may see it besides its owner', async () => {
    const [{ id }, { name, secret }] = [await submit('private'), await join('admin')];
    await endAll(await watchedEverywhere(secret, id), id, () => admin.changeMember(name, { role: 'viewer' }));
  });

  it('the experiment is made private', async () => {
    const [{ id }, { secret }] = [await submit('lab'), await join('viewer')];
    await endAll(await watchedEverywhere(secret, id), id, () => owner.change(id, { visibility: 'private' }));
  });
});

it('goes on, and tells everything, for those who still may see it', async () => {
  const { id } = await submit('lab');
  const [{ name, secret }, { tokenId }] = [await join('admin'), await join('viewer')];
  const views = await watchedEverywhere(secret, id);
  await admin.changeMember(name, { role: 'viewer' });
  await admin.revokeToken(tokenId);
  await owner.change(id, { tags: ['told'] });
  for (const view of views) {
    await until('what was changed', () => view.given().includes('"told"'));
    expect(view.ended()).toBe(false);
    await view.close();
  }
});
