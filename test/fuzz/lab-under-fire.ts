/** A server process to throw things at: what it answered, whether it lives, and how much memory it holds. */
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { expect } from 'vitest';
import { startApi, type LabProcess } from '../support/lab-processes.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { MemoryWatch, SMALL_HEAP } from './memory-watch.js';

/** An answer that takes longer is as bad as none. */
const ANSWER_WITHIN_MS = 30_000;

export interface Shot {
  readonly method: string;
  /** As it stands in the request line. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: Buffer | string;
}

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

export class LabUnderFire {
  readonly memory: MemoryWatch;
  private readonly statuses = new Map<number, number>();
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 16 });

  private constructor(
    readonly database: TestDatabase,
    readonly api: LabProcess & { readonly url: string },
  ) {
    this.memory = new MemoryWatch(() => residentBytes(api.pid));
  }

  static async start(environment: Readonly<Record<string, string>> = {}): Promise<LabUnderFire> {
    const database = await createTestDatabase();
    const api = await startApi({
      databaseUrl: database.url,
      environment: { AIRMETA_RATE_LIMIT: '1000000000', NODE_OPTIONS: SMALL_HEAP, ...environment },
    });
    return new LabUnderFire(database, api);
  }

  async stop(): Promise<void> {
    this.agent.destroy();
    await this.api.stop();
    await this.database.drop();
  }

  get port(): number {
    return Number(new URL(this.api.url).port);
  }

  /** Sends a request and counts the status of its answer. @throws Error when there is none */
  async shoot({ method, path, headers = {}, body }: Shot): Promise<Answer> {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const answer = await new Promise<Answer>((resolve, reject) => {
      const sent = request(
        {
          host: '127.0.0.1',
          port: this.port,
          agent: this.agent,
          method,
          path,
          headers: { ...headers, ...length },
          timeout: ANSWER_WITHIN_MS,
        },
        (response) => {
          const { statusCode: status = 0, headers: given } = response;
          const type = given['content-type'] ?? '';
          const chunks: Buffer[] = [];
          const end = () => resolve({ status, type, text: Buffer.concat(chunks).toString('utf8') });
          if (type.startsWith('text/event-stream')) return void (response.destroy(), end());
          response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', end);
          response.on('error', reject);
        },
      );
      sent.on('timeout', () => sent.destroy(new Error(`no answer within ${ANSWER_WITHIN_MS} ms`)));
      sent.on('error', reject);
      sent.end(body);
    });
    this.count(answer.status);
    this.memory.look();
    return answer;
  }

  count(status: number): void {
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
  }

  /** Such as "200: 31, 422: 969". */
  tally(): string {
    const counts = [...this.statuses].sort(([one], [other]) => one - other);
    return counts.map(([status, count]) => `${status}: ${count}`).join(', ');
  }

  /** Fails unless the same process answers a good request, and has logged no error. */
  async expectWell(): Promise<void> {
    const { status, text } = await this.shoot({ method: 'GET', path: '/v1/experiments?limit=1' });
    expect([status, Object.keys(JSON.parse(text) as object)]).toEqual([200, ['items', 'nextCursor']]);
    expect(residentBytes(this.api.pid)).toBeGreaterThan(0);
    expect(this.api.output().split('\n').filter(isError)).toEqual([]);
  }
}

/** Levels of pino: 50 is error. What is no line of the log was written by the runtime, such as a warning of it. */
function isError(line: string): boolean {
  return line !== '' && !/^\{"level":[1-4]0,/.test(line);
}

/** Memory of a process that is in use, in bytes. @throws Error when there is no such process */
function residentBytes(pid: number): number {
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kibibytes) * 1024;
}

/** A refusal as REST words it: problem details, with pointers where a specification has faults. */
export function expectProblem({ status, type, text }: Answer): void {
  expect([status, type]).toEqual([status, expect.stringMatching(/^application\/problem\+json/) as string]);
  const problem = JSON.parse(text) as { readonly status: number; readonly detail: string; readonly faults?: readonly unknown[] };
  expect(problem.status).toBe(status);
  expect(problem.detail).not.toMatch(/node_modules|\n {4}at |prisma|postgres/i);
  if (status !== 422) return;
  expect(problem.faults?.length).toBeGreaterThan(0);
  const fault = { pointer: expect.stringMatching(/^(\/|$)/) as string, message: expect.stringMatching(/./) as string };
  expect(problem.faults).toEqual(problem.faults?.map(() => fault));
}
