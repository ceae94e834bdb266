/** Live views of experiments: events from Postgres in order, and progress in between. */
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { maySee, type Caller, type ExperimentEvent, type ExperimentSummary } from '@airmeta/lab';
import type { Persistence } from '@airmeta/persistence';
import { KEEP_ALIVE_MS } from '@airmeta/spec';
import type { Logger } from 'pino';
import { Observable } from 'rxjs';
import { LOGGER, WHOLE_PERSISTENCE } from './tokens.js';

export type FeedItem =
  | { readonly kind: 'event'; readonly event: ExperimentEvent }
  | { readonly kind: 'progress'; readonly summary: ExperimentSummary; /** The last event given. */ readonly sequence: number };

const POLL_MS = 400;
const BATCH = 500;

interface Watch {
  readonly listeners: Set<(summary: ExperimentSummary) => void>;
  readonly timer: NodeJS.Timeout;
  last: ExperimentSummary | undefined;
  busy: boolean;
  toldAt: number;
}

/** One poll per watched experiment, however many watch it. */
@Injectable()
export class ExperimentFeed implements OnApplicationShutdown {
  private readonly watches = new Map<string, Watch>();
  private readonly open = new Set<() => void>();

  constructor(
    @Inject(WHOLE_PERSISTENCE) private readonly persistence: Persistence,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /** Ends all feeds, so that the server can close its connections. */
  onApplicationShutdown(): void {
    for (const end of [...this.open]) end();
  }

  /**
   * Events after `sequence`, oldest first, and progress whenever it changed; completes when the experiment has ended and
   * all its events were given, or when the caller may not see it any more.
   * @param after where to go on; undefined: progress without events
   */
  follow(experimentId: string, after: number | undefined, caller: Caller): Observable<FeedItem> {
    return new Observable<FeedItem>((subscriber) => {
      let seen = after ?? 0;
      let turn: Promise<void> = Promise.resolve();
      const deliver = async (summary: ExperimentSummary) => {
        if (!maySee(caller, summary)) return subscriber.complete();
        while (after !== undefined) {
          const events = await this.persistence.events.eventsAfter(experimentId, seen, BATCH);
          for (const event of events) {
            subscriber.next({ kind: 'event', event });
            seen = event.sequence;
          }
          if (events.length < BATCH) break;
        }
        subscriber.next({ kind: 'progress', summary, sequence: seen });
        if (summary.state !== 'running') subscriber.complete();
      };
      const listener = (summary: ExperimentSummary) => {
        turn = turn
          .then(() => deliver(summary))
          .catch((error: unknown) => {
            this.log.warn({ err: error }, 'a live view missed a turn; trying again');
            this.deliverAgain(experimentId);
          });
      };
      const end = () => subscriber.complete();
      this.open.add(end);
      this.listen(experimentId, listener);
      return () => {
        this.open.delete(end);
        this.leave(experimentId, listener);
      };
    });
  }

  /** The next poll tells everyone, changed or not. */
  private deliverAgain(experimentId: string): void {
    const watch = this.watches.get(experimentId);
    if (watch) watch.last = undefined;
  }

  private listen(experimentId: string, listener: (summary: ExperimentSummary) => void): void {
    let watch = this.watches.get(experimentId);
    if (!watch) {
      watch = {
        listeners: new Set(),
        timer: setInterval(() => void this.poll(experimentId), POLL_MS),
        last: undefined,
        busy: false,
        toldAt: 0,
      };
      this.watches.set(experimentId, watch);
    }
    watch.listeners.add(listener);
    if (watch.last) listener(watch.last);
    else void this.poll(experimentId);
  }

  private leave(experimentId: string, listener: (summary: ExperimentSummary) => void): void {
    const watch = this.watches.get(experimentId);
    watch?.listeners.delete(listener);
    if (watch?.listeners.size === 0) {
      clearInterval(watch.timer);
      this.watches.delete(experimentId);
    }
  }

  private async poll(experimentId: string): Promise<void> {
    const watch = this.watches.get(experimentId);
    if (!watch || watch.busy) return;
    watch.busy = true;
    try {
      const summary = await this.persistence.experiments.find(experimentId);
      if (!summary) return;
      const { specification: _, ...changed } = summary;
      const recent = performance.now() - watch.toldAt < KEEP_ALIVE_MS;
      if (recent && newsIn(changed) === newsIn(watch.last)) return;
      watch.last = changed;
      watch.toldAt = performance.now();
      for (const listener of watch.listeners) listener(changed);
    } catch (error) {
      this.log.warn({ err: error }, 'progress could not be read; trying again');
    } finally {
      watch.busy = false;
    }
  }
}

/** What is worth telling: that running runs have computed a little longer is not. */
function newsIn(summary: ExperimentSummary | undefined): string | undefined {
  if (summary === undefined) return undefined;
  const { computeMs: _, ...news } = summary;
  return JSON.stringify(news);
}
