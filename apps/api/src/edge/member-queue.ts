/**
 * A bounded queue in which members take turns, for work that keeps a core, a thread or much memory for a while. However much one member
 * asks, the next task of another member comes after at most one of theirs.
 */
import { AsyncResource } from 'node:async_hooks';
import type { Caller } from '@airmeta/lab';
import { QueueFullError, RequestGoneError } from './problem.js';

export interface MemberQueueLimits {
  /** What waits here, in the plural, as the refusal says it: "previews and submissions". */
  readonly what: string;
  /** Tasks under way at once, in all. */
  readonly atOnce: number;
  /** Tasks of one member under way at once. */
  readonly perMember: number;
  /** Tasks of one member that may wait; one more is refused with 429. */
  readonly waiting: number;
}

interface WaitingTask {
  readonly start: () => void;
}

interface Lane {
  underWay: number;
  readonly waiting: WaitingTask[];
}

/** Seconds after which one who was refused may ask again. */
const RETRY_AFTER_SECONDS = 5;

/** Who a task is counted for: the member, or the one user of a lab without accounts. */
export function memberKey({ member }: Caller): string {
  return member?.id ?? 'local';
}

export class MemberQueue {
  /** Of members with a task under way or waiting. Whose task began or ended last is last. */
  private readonly lanes = new Map<string, Lane>();
  private underWay = 0;

  constructor(private readonly limits: MemberQueueLimits) {}

  /**
   * Does a task when it is its member's turn, in the session it was given in. Tasks of one member begin in order; a task is under way until
   * its promise is settled.
   * @param member whose task it is, see `memberKey`
   * @param signal aborted when nobody waits for the answer any more: a task that has not begun never does
   * @throws QueueFullError at once, when as many tasks of the member wait as may
   * @throws RequestGoneError when the signal was aborted before the task began
   */
  run<T>(member: string, task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (signal?.aborted) return Promise.reject(new RequestGoneError());
    const lane = this.lanes.get(member) ?? { underWay: 0, waiting: [] };
    const { what, waiting } = this.limits;
    if (!this.hasRoomFor(lane) && lane.waiting.length >= waiting) {
      return Promise.reject(
        new QueueFullError(`${waiting} of your ${what} wait for their turn already, and no more may`, RETRY_AFTER_SECONDS),
      );
    }
    this.lanes.set(member, lane);
    // It is started by the end of another task, which may be another member's: whose session it would be in without this.
    const own = AsyncResource.bind(task);
    return new Promise<T>((resolve, reject) => {
      const entry: WaitingTask = {
        start: () => {
          signal?.removeEventListener('abort', leave);
          // A task that throws before it returns a promise has failed as well.
          void Promise.resolve()
            .then(own)
            .then(resolve, reject)
            .finally(() => this.end(member, lane));
        },
      };
      const leave = () => {
        lane.waiting.splice(lane.waiting.indexOf(entry), 1);
        this.forgetIfIdle(member, lane);
        reject(new RequestGoneError());
      };
      signal?.addEventListener('abort', leave, { once: true });
      lane.waiting.push(entry);
      this.startWhatMay();
    });
  }

  private hasRoomFor(lane: Lane): boolean {
    return this.underWay < this.limits.atOnce && lane.underWay < this.limits.perMember;
  }

  private end(member: string, lane: Lane): void {
    lane.underWay--;
    this.underWay--;
    this.moveToEnd(member, lane);
    this.forgetIfIdle(member, lane);
    this.startWhatMay();
  }

  private moveToEnd(member: string, lane: Lane): void {
    this.lanes.delete(member);
    this.lanes.set(member, lane);
  }

  private forgetIfIdle(member: string, lane: Lane): void {
    if (lane.underWay === 0 && lane.waiting.length === 0) this.lanes.delete(member);
  }

  private startWhatMay(): void {
    for (let next = this.next(); next !== undefined; next = this.next()) {
      const [member, lane] = next;
      const entry = lane.waiting.shift();
      if (entry === undefined) return;
      this.moveToEnd(member, lane);
      lane.underWay++;
      this.underWay++;
      entry.start();
    }
  }

  /** Whose turn it is. */
  private next(): [string, Lane] | undefined {
    for (const place of this.lanes) {
      if (place[1].waiting.length > 0 && this.hasRoomFor(place[1])) return place;
    }
    return undefined;
  }
}
