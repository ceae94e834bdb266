/** Takes runs from the queue until told to stop. */
import { hostname } from 'node:os';
import { randomUUID } from 'node:crypto';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { failureOf, type ThreadSimulator } from '@airmeta/compute';
import { dispatchRuns, executeRun, type Admission, type JobConsumer, type JobQueue, type WorkerRegistration } from '@airmeta/lab';
import { DatabaseUnavailableError, StorageFullError, type Persistence } from '@airmeta/persistence';
import { openJobConsumer, type QueueBackend } from '@airmeta/queue';
import type { Tracing } from '@airmeta/service';
import type { Logger } from 'pino';
import { followClaim } from './claim-log.js';
import type { WorkerConfig } from './config.js';
import { traceRun } from './trace-run.js';
import { CONFIG, LOGGER, PERSISTENCE, QUEUE, QUEUE_BACKEND, SIMULATOR, TRACING } from './tokens.js';

const HEARTBEAT_MS = 4_000;

@Injectable()
export class RunWorker implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly registration: WorkerRegistration;
  private readonly shutdown = new AbortController();
  private consumer: JobConsumer | undefined;
  private heartbeat: NodeJS.Timeout | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: WorkerConfig,
    @Inject(LOGGER) private readonly log: Logger,
    @Inject(PERSISTENCE) private readonly persistence: Persistence,
    @Inject(QUEUE) private readonly queue: JobQueue,
    @Inject(QUEUE_BACKEND) private readonly backend: QueueBackend,
    @Inject(SIMULATOR) private readonly simulator: ThreadSimulator,
    @Inject(TRACING) private readonly tracing: Tracing,
  ) {
    this.registration = { id: randomUUID(), host: hostname(), slots: config.slots, engine: simulator.engines };
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.persistence.runs.heartbeat(this.registration);
    this.heartbeat = setInterval(() => void this.beat(), HEARTBEAT_MS);
    this.consumer = await openJobConsumer(this.backend, {
      concurrency: this.config.slots,
      handler: (admission) => this.run(admission),
      onError: (error) => this.log.warn({ err: error }, 'the queue reports an error'),
    });
    this.log.info(`ready: ${this.config.slots} slot(s), ${this.simulator.engines}, queue on ${this.backend.kind}`);
    void this.refill(); // runs may be claimed already: what stops the worker has to know of them from now on
  }

  /** Releases the running runs, which are computed elsewhere, and says goodbye. */
  async onApplicationShutdown(): Promise<void> {
    this.shutdown.abort();
    clearInterval(this.heartbeat);
    await this.consumer?.close();
    await this.persistence.runs.deregister(this.registration.id).catch((error: unknown) => {
      this.log.warn({ err: error }, 'could not sign off');
    });
    await this.simulator.close();
    await this.queue.close();
    await this.persistence.close();
    await this.tracing.close();
  }

  private async run(admission: Admission): Promise<void> {
    const following = followClaim(admission, this.persistence.runs, this.log);
    const result = await traceRun(admission.runId, { tracing: this.tracing, persistence: this.persistence, log: this.log }, () =>
      executeRun(
        {
          runs: following.runs,
          simulator: this.simulator,
          worker: this.registration,
          failureOf,
          isAway: (error) => error instanceof DatabaseUnavailableError || error instanceof StorageFullError,
          warn: (message, error) => following.log.warn({ err: error }, message),
        },
        admission,
        this.shutdown.signal,
      ),
    );
    following.log[result === 'not-claimed' ? 'debug' : 'info']({ result }, 'run ended');
    if (!this.shutdown.signal.aborted) await this.refill();
  }

  private async refill(): Promise<void> {
    try {
      await dispatchRuns({ runs: this.persistence.runs, queue: this.queue });
    } catch (error) {
      this.log.warn({ err: error }, 'no new runs could be admitted; the server will');
    }
  }

  private async beat(): Promise<void> {
    try {
      await this.persistence.runs.heartbeat(this.registration);
    } catch (error) {
      this.log.warn({ err: error }, 'no sign of life could be given');
    }
  }
}
