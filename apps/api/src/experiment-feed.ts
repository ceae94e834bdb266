/** Live views of experiments: events from Postgres in order, and progress in between. */
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { maySee, type Caller, type ExperimentEvent, type ExperimentSummary } from '@airmeta/lab';
import type { Persistence } from '@airmeta/persistence';
import { KEEP_ALIVE_MS } from '@airmeta/spec';
import type { Logger } from 'pino';
import { Observable } from 'rxjs';
import { PresentCallers } from './access/present-callers.js';
import { LOGGER, WHOLE_PERSISTENCE } from './tokens.js';

export type FeedItem =
  | { readonly kind: 'event'; readonly event: ExperimentEvent }
  | { readonly kind: 'progress'; readonly summary: ExperimentSummary; /** The last event given. */ readonly sequence: number };

const POLL_MS = 400;
const BATCH = 500;

/** Told at every look at the experiment; `news` says whether there is any. */
type Listener = (summary: ExperimentSummary, news: boolean) => void;

interface Watch {
  readonly listeners: Set<Listener>;
  readonly timer: NodeJS.Timeout;
  /** As the last look found it. */
  present: ExperimentSummary | undefined;
  /** As it was told last. */
  last: ExperimentSummary | undefined;
  busy: boolean;
  toldAt: number;
}

/**
 * One poll per watched experiment, however many watch it. At every poll, and again before anything is given, it is asked whether whoever
 * watches still may: access that has ended, on whichever server of the lab, ends the view.
 */
@Injectable()
export class ExperimentFeed implements OnApplicationShutdown {
  private readonly watches = new Map<string, Watch>();
  private readonly open = new Set<() => void>();
  private readonly callers: PresentCallers;

  constructor(
    @Inject(WHOLE_PERSISTENCE) private readonly persistence: Persistence,
    @Inject(LOGGER) private readonly log: Logger,
  ) {
    this.callers = new PresentCallers(persistence.access);
  }

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
      let waiting = false;
      const maySeeNow = async (summary: ExperimentSummary) =>
        maySee(await this.callers.now(caller), this.watches.get(experimentId)?.present ?? summary);
      const deliver = async (summary: ExperimentSummary, news: boolean) => {
        if (subscriber.closed) return;
        if (!(await maySeeNow(summary))) return subscriber.complete();
        if (!news) return;
        while (after !== undefined) {
          const events = await this.persistence.events.eventsAfter(experimentId, seen, BATCH);
          if (events.length > 0 && !(await maySeeNow(summary))) return subscriber.complete();
          if (subscriber.closed) return;
          for (const event of events) {
            subscriber.next({ kind: 'event', event });
            seen = event.sequence;
          }
          if (events.length < BATCH) break;
        }
        subscriber.next({ kind: 'progress', summary, sequence: seen });
        if (summary.state !== 'running') subscriber.complete();
      };
      const listener: Listener = (summary, news) => {
        if (waiting && !news) return; // the turn under way asks the same
        waiting = true;
        turn = turn
          .then(() => deliver(summary, news))
          .catch((error: unknown) => {
            this.log.warn({ err: error }, 'a live view missed a turn; trying again');
            this.deliverAgain(experimentId);
          })
          .finally(() => (waiting = false));
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

  private listen(experimentId: string, listener: Listener): void {
    let watch = this.watches.get(experimentId);
    if (!watch) {
      watch = {
        listeners: new Set(),
        timer: setInterval(() => void this.poll(experimentId), POLL_MS),
        present: undefined,
        last: undefined,
        busy: false,
        toldAt: 0,
      };
      this.watches.set(experimentId, watch);
    }
    watch.listeners.add(listener);
    if (watch.last) listener(watch.last, true);
    else void this.poll(experimentId);
  }

  private leave(experimentId: string, listener: Listener): void {
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
      const changed = await this.persistence.experiments.summary(experimentId);
      if (!changed) return;
      watch.present = changed;
      const recent = performance.now() - watch.toldAt < KEEP_ALIVE_MS;
      const news = !recent || newsIn(changed) !== newsIn(watch.last);
      if (news) {
        watch.last = changed;
        watch.toldAt = performance.now();
      }
      for (const listener of watch.listeners) listener(changed, news);
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
