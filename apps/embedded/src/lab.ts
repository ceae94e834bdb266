import { access, mkdir } from 'node:fs/promises';

import { WORKER_FLAGS } from '@airmeta/service';

import { localUrl, startUntilReady } from './api-readiness.js';
import { claimPort } from './claim-port.js';
import type { Config } from './config.js';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.js';
import { LabFile, type LabDescription } from './lab-file.js';
import { acquireLabLock } from './lab-lock.js';
import type { Logger } from './log.js';
import { nodeProcess } from './node-process.js';
import { settledWithin } from './settled-within.js';
import { ShutdownStack } from './shutdown-stack.js';
import { describeEnd, type SupervisedProcess } from './supervised-process.js';

/** What a lab is made of; tests put their own programs here. */
export interface LabParts {
  readonly apiEntry: string;
  readonly workerEntry: string;
  /** Brings the database's tables up to date; resolves with the names of the migrations applied. */
  readonly migrate: (connectionString: string) => Promise<string[]>;
}

/** With PostgreSQL's 9 s at most 30 s for everything: workers first, then the API, then the database. */
const WORKER_GRACE_MS = 12_000;
const API_GRACE_MS = 4_000;
/** How long a step of the start, once it is told to give up, is waited for. */
const START_GRACE_MS = 10_000;

/** Connections to the database for the lab's queries and the queue, and some to spare. */
const CONNECTIONS_PER_PROCESS = 20;

/** One process tree: PostgreSQL, the API and the workers, started in this order and stopped in the reverse one. */
export class Lab {
  readonly #config: Config;
  readonly #parts: LabParts;
  readonly #log: Logger;
  readonly #running = new ShutdownStack();
  readonly #giveUp = new AbortController();
  #starting: Promise<LabDescription> | undefined;
  #stopping: Promise<void> | undefined;

  constructor(config: Config, parts: LabParts, log: Logger) {
    this.#config = config;
    this.#parts = parts;
    this.#log = log;
  }

  /**
   * Resolves when the API answers and the workers are started. Rejects with a sentence for the user otherwise; then
   * `stop()` ends what had been started.
   */
  start(): Promise<LabDescription> {
    this.#starting ??= this.#start();
    return this.#starting;
  }

  /** Stops everything in reverse order, a start in progress too. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  /** Ends everything now, without waiting; the next start recovers. */
  kill(): void {
    this.#giveUp.abort(new Error('the lab was killed'));
    this.#running.kill();
  }

  async #start(): Promise<LabDescription> {
    const { port, host, dataDirectory } = this.#config;
    await this.#requireBuilt();
    await mkdir(dataDirectory, { recursive: true });
    const lock = await acquireLabLock(dataDirectory);
    this.#running.push(() => lock.release());
    const file = new LabFile(dataDirectory, (error) => this.#log.warn({ err: error }, 'lab.json cannot be written'));
    const apiPort = await claimPort(port, host);

    const postgres = await this.#startPostgres();
    const databaseUrl = postgres?.connectionString ?? this.#config.databaseUrl ?? '';
    await this.#migrate(databaseUrl);

    const environment = {
      ...this.#config.environment,
      DATABASE_URL: databaseUrl,
      HOST: host,
      PORT: String(apiPort),
      AIRMETA_DATA_DIR: dataDirectory,
    };
    const url = localUrl(host, apiPort);
    const api = await this.#startApi(environment, url);
    const workers = this.#startWorkers(environment);

    const describe = (): LabDescription => ({
      pid: process.pid,
      url,
      postgresPort: postgres?.port ?? null,
      api: api.pid === undefined ? null : { pid: api.pid },
      workers: workers.flatMap(({ pid }) => (pid === undefined ? [] : [{ pid }])),
    });
    this.#running.push(() => file.remove());
    for (const supervised of [api, ...workers]) supervised.on('started', () => void file.write(describe));
    await file.write(describe);
    return describe();
  }

  async #stop(): Promise<void> {
    this.#giveUp.abort(new Error('the lab was stopped before it was ready'));
    if (this.#starting !== undefined) await settledWithin(this.#starting, START_GRACE_MS);
    await this.#running.stop((error) => this.#log.error({ err: error }, 'something could not be stopped'));
  }

  async #requireBuilt(): Promise<void> {
    for (const entry of [this.#parts.apiEntry, this.#parts.workerEntry]) {
      await access(entry).catch((cause: unknown) => {
        throw new Error(`${entry} is missing: build the lab first, with "npm run build"`, { cause });
      });
    }
  }

  async #startPostgres(): Promise<EmbeddedPostgres | undefined> {
    const { databaseUrl, dataDirectory, workers } = this.#config;
    if (databaseUrl !== undefined) return undefined;
    this.#log.info(`starting PostgreSQL in ${dataDirectory}`);
    const postgres = await startEmbeddedPostgres({
      dataDirectory,
      maxConnections: Math.max(100, CONNECTIONS_PER_PROCESS * (workers + 2)),
      signal: this.#giveUp.signal,
      report: (sentence) => this.#log.info(sentence),
      onLine: (line) => this.#log.debug(`[postgres] ${line}`),
    });
    this.#watch('PostgreSQL', postgres.process);
    this.#stopLater('PostgreSQL', [postgres.process], 'SIGQUIT');
    this.#log.info(`PostgreSQL is ready on port ${postgres.port}`);
    return postgres;
  }

  async #migrate(databaseUrl: string): Promise<void> {
    const applied = await this.#parts.migrate(databaseUrl);
    this.#log.info(applied.length === 0 ? 'the tables are up to date' : `the tables are up to date (applied ${applied.join(', ')})`);
    this.#giveUp.signal.throwIfAborted();
  }

  async #startApi(environment: NodeJS.ProcessEnv, url: string): Promise<SupervisedProcess> {
    const api = nodeProcess({ entry: this.#parts.apiEntry, environment, graceMs: API_GRACE_MS });
    this.#passOn('api', api);
    this.#stopLater('the API', [api]);
    this.#log.info('starting the API');
    await startUntilReady(api, url, this.#giveUp.signal);
    this.#watch('the API', api);
    this.#log.info('the API is ready');
    return api;
  }

  #startWorkers(environment: NodeJS.ProcessEnv): SupervisedProcess[] {
    const workers = Array.from({ length: this.#config.workers }, () =>
      nodeProcess({ entry: this.#parts.workerEntry, flags: WORKER_FLAGS, environment, graceMs: WORKER_GRACE_MS }),
    );
    this.#stopLater('the workers', workers);
    workers.forEach((worker, index) => {
      const name = `worker ${index + 1}`;
      this.#passOn(name, worker);
      this.#watch(name, worker);
      worker.start();
    });
    this.#log.info(workers.length === 1 ? 'started 1 worker' : `started ${workers.length} workers`);
    return workers;
  }

  #stopLater(name: string, processes: readonly SupervisedProcess[], killSignal: NodeJS.Signals = 'SIGKILL'): void {
    this.#running.push(
      async () => {
        this.#log.info(`stopping ${name}`);
        await Promise.all(processes.map((supervised) => supervised.stop()));
      },
      () => processes.forEach((supervised) => supervised.kill(killSignal)),
    );
  }

  #watch(name: string, supervised: SupervisedProcess): void {
    supervised.on('failed', (end, restartInMs) =>
      this.#log.warn(`${name} ended by itself (${describeEnd(end)}); it is started again in ${restartInMs} ms`),
    );
  }

  #passOn(name: string, supervised: SupervisedProcess): void {
    supervised.on('line', (line) => process.stdout.write(`[${name}] ${line}\n`));
  }
}
