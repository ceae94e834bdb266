/** A server in this process, on a database of its own, with members of every role. */
import type { AddressInfo } from 'node:net';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { issueToken, LAB_SESSION, type Session } from '@airmeta/lab';
import type { Persistence } from '@airmeta/persistence';
import { openLog } from '@airmeta/service';
import type { MemberRole, TokenScope } from '@airmeta/spec';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.js';
import { createApp } from '../src/app.js';
import { readConfig } from '../src/config.js';
import { WHOLE_PERSISTENCE } from '../src/tokens.js';

export interface LabServer {
  readonly app: NestExpressApplication;
  readonly url: string;
  readonly database: TestDatabase;
  readonly persistence: Persistence;
  /** Everything the server wrote to its log. */
  readonly log: () => string;
  stop(): Promise<void>;
}

export async function startLabServer(environment: Record<string, string> = {}): Promise<LabServer> {
  const database = await createTestDatabase();
  const config = readConfig({ DATABASE_URL: database.url, PORT: '0', ...environment });
  const lines: string[] = [];
  const app = await createApp(config, openLog('api', 'info', { write: (line) => void lines.push(line) }));
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  return {
    app,
    url: `http://127.0.0.1:${port}`,
    database,
    persistence: app.get<Persistence>(WHOLE_PERSISTENCE),
    log: () => lines.join(''),
    stop: async () => {
      await app.close();
      await database.drop();
    },
  };
}

export interface TestMember extends Session {
  readonly secret: string;
}

/** Adds a member with a token of the given scope, as an admin would. */
export async function joinLab({ access }: Persistence, name: string, role: MemberRole, scope: TokenScope = 'admin'): Promise<TestMember> {
  const hash = Buffer.alloc(32);
  hash.write(name);
  const { member } = await access.addMember(LAB_SESSION, { name, role }, { label: 'unused', scope: 'read', expiresInDays: 1, hash });
  const widest = { viewer: 'read', researcher: 'write', admin: 'admin' } as const;
  const request = { label: 'test', scope: scope === 'admin' ? widest[role] : scope, expiresInDays: 1 };
  const { token, secret } = await issueToken(LAB_SESSION, member, request, Infinity, access);
  return { caller: { member, token, role }, requestId: null, secret };
}

export function bearer(secret: string | undefined): Record<string, string> {
  return secret === undefined ? {} : { authorization: `Bearer ${secret}` };
}
