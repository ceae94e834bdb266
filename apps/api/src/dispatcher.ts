import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { dispatchRuns, LEASE_MS, reconcileRuns, type JobQueue } from '@airmeta/lab';
import { DatabaseUnavailableError, type Persistence } from '@airmeta/persistence';
import type { Logger } from 'pino';
import { LOGGER, QUEUE, WHOLE_PERSISTENCE } from './tokens.js';

const DISPATCH_INTERVAL_MS = 1_000;
const RECONCILE_INTERVAL_MS = 3_000;

/** Admits runs as a heartbeat and on request, and puts right what crashes left behind. */
@Injectable()
export class Dispatcher implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly timers: NodeJS.Timeout[] = [];
  private turn: Promise<void> = Promise.resolve();
  private readonly waiting = new Set<() => Promise<void>>();
  /** Until then no run is taken away from its worker. */
  private patientUntil = 0;

  constructor(
    @Inject(WHOLE_PERSISTENCE) private readonly persistence: Persistence,
    @Inject(QUEUE) private readonly queue: JobQueue,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.timers.push(setInterval(() => this.wake(), DISPATCH_INTERVAL_MS));
    this.timers.push(setInterval(() => this.enqueueTurn(this.reconcile), RECONCILE_INTERVAL_MS));
    this.wake();
  }

  async onApplicationShutdown(): Promise<void> {
    this.timers.forEach(clearInterval);
    await this.turn;
  }

  /** Admits runs soon. */
  wake(): void {
    this.enqueueTurn(this.dispatch);
  }

  private readonly dispatch = async (): Promise<void> => {
    await dispatchRuns(this.dependencies());
  };

  private dependencies() {
    return { runs: this.persistence.runs, queue: this.queue };
  }

  private readonly reconcile = async (): Promise<void> => {
    if (performance.now() < this.patientUntil) return;
    const { requeued, cancelled, failed, readmitted } = await reconcileRuns(this.dependencies());
    if (requeued + cancelled + failed + readmitted > 0) {
      this.log.info({ requeued, cancelled, failed, readmitted }, 'runs without a worker were put right');
    }
  };

  /** One thing at a time, and each waits at most once: no pile of turns while the database is away, and neither keeps the other out. */
  private enqueueTurn(work: () => Promise<void>): void {
    if (this.waiting.has(work)) return;
    this.waiting.add(work);
    this.turn = this.turn
      .then(() => {
        this.waiting.delete(work);
        return work();
      })
      .catch((error: unknown) => {
        // While the database is away no worker can renew its lease: each has the time of one for it when the database is back.
        if (error instanceof DatabaseUnavailableError) this.patientUntil = performance.now() + LEASE_MS;
        this.log.warn({ err: error }, 'runs could not be dispatched; trying again');
      });
  }
}
