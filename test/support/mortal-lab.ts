/** A lab of real processes that a test kills one by one: a server, workers, perhaps a Redis, and a database. */
import { LabClient } from '@airmeta/client';
import { startRedis } from '../../libs/queue/test/redis-server.js';
import type { QueueServer } from '../../libs/queue/test/queue-conformance.js';
import type { QueueKind } from './fault-form.js';
import { startApi, startWorker, type LabProcess, type LabSettings } from './lab-processes.js';
import { createTestDatabase, type TestDatabase } from './test-database.js';

export interface MortalLabOptions {
  readonly queue?: QueueKind;
  readonly workers?: number;
  /** An empty one of its own by default. */
  readonly database?: TestDatabase;
  readonly datasetsDirectory?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Lines of each process that a failing test shows. */
const SHOWN_LINES = 60;

export class MortalLab {
  private readonly all: LabProcess[] = [];

  private constructor(
    readonly database: TestDatabase,
    readonly redis: QueueServer | undefined,
    private readonly settings: LabSettings,
    private api: Awaited<ReturnType<typeof startApi>>,
    /** One for each place; a killed one's place is taken by the next. */
    readonly workers: Promise<LabProcess>[],
  ) {
    this.all.push(api);
    for (const worker of workers) this.enlist(worker);
  }

  static async open({ queue = 'PostgreSQL', workers = 2, datasetsDirectory, environment, ...given }: MortalLabOptions): Promise<MortalLab> {
    const database = given.database ?? (await createTestDatabase());
    const redis = queue === 'Redis' ? await startRedis() : undefined;
    const settings = {
      databaseUrl: database.url,
      ...(redis?.backend.kind === 'redis' ? { redisUrl: redis.backend.url } : {}),
      ...(datasetsDirectory === undefined ? {} : { datasetsDirectory }),
      environment: { ...environment },
    };
    const api = await startApi(settings);
    return new MortalLab(
      database,
      redis,
      { ...settings, environment: { ...environment, PORT: new URL(api.url).port } },
      api,
      Array.from({ length: workers }, () => startWorker(settings)),
    );
  }

  get url(): string {
    return this.api.url;
  }

  client(token?: string): LabClient {
    return new LabClient(this.url, token);
  }

  /** The token of the first admin, of a lab with AIRMETA_AUTH=on. */
  adminToken(): string {
    const [token] = /airmeta_[\w-]{43}/.exec(this.api.output()) ?? [];
    if (token === undefined) throw new Error('the server has printed no token');
    return token;
  }

  /** Adds a researcher. Returns the token. */
  async join(name: string): Promise<string> {
    return (await this.client(this.adminToken()).addMember(name, 'researcher')).token.secret;
  }

  /** A worker that finds no database or queue when it starts says so and ends: whoever kills those waits for this first. */
  async workersReady(): Promise<void> {
    await Promise.all(this.workers);
  }

  async addWorker(): Promise<void> {
    const worker = startWorker(this.settings);
    this.workers.push(worker);
    this.enlist(worker);
    await worker;
  }

  /** SIGKILL; another worker starts in its place. */
  async killWorker(place: number): Promise<void> {
    await (await this.workers[place]).kill();
    this.replaceWorker(place);
  }

  /** Starts a worker in the place of one that has ended. */
  replaceWorker(place: number): void {
    this.workers[place] = startWorker(this.settings);
    this.enlist(this.workers[place]);
  }

  async killApi(): Promise<void> {
    await this.api.kill();
  }

  /** At the same address. */
  async startApi(): Promise<void> {
    this.api = await startApi(this.settings);
    this.all.push(this.api);
  }

  /** SIGTERM to all that are left. @throws Error when one of them does not end well, or not within 30 s */
  async close(): Promise<void> {
    const left = [this.api, ...(await Promise.all(this.workers))];
    const began = performance.now();
    const codes = await Promise.all(left.map((process) => process.stop()));
    const seconds = (performance.now() - began) / 1_000;
    if (codes.some((code) => code !== 0) || seconds > 30) {
      throw new Error(`the lab did not stop well: exit codes ${codes.join(', ')} after ${seconds.toFixed(1)} s\n${this.output()}`);
    }
  }

  /** Kills what still lives, and drops the database. */
  async remove(): Promise<void> {
    await Promise.allSettled(this.workers);
    await Promise.all(this.all.map((process) => process.kill()));
    await this.redis?.stop();
    await this.database.drop();
  }

  output(): string {
    return this.all
      .map((process) => [`--- process ${process.pid}`, ...process.output().split('\n').slice(-SHOWN_LINES)].join('\n'))
      .join('\n');
  }

  private enlist(worker: Promise<LabProcess>): void {
    worker.then(
      (started) => this.all.push(started),
      () => undefined, // whoever waits for it is told
    );
  }
}

/** Gives a lab to `work`, and ends it afterwards in good order; what a failing test's processes said goes with the error. */
export async function inMortalLab(options: MortalLabOptions, work: (lab: MortalLab) => Promise<void>): Promise<void> {
  const lab = await MortalLab.open(options);
  try {
    await work(lab);
    await lab.close();
  } catch (error) {
    if (error instanceof Error) error.message += `\n${lab.output()}`;
    throw error;
  } finally {
    await lab.remove();
  }
}
