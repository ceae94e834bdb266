/** Reading and storing large specifications, for all members alike: threads read them, and members take turns. */
import { Inject, Injectable } from '@nestjs/common';
import { ThreadSpecifications } from '@airmeta/compute';
import type { Caller, ExperimentStore, SpecificationReader } from '@airmeta/lab';
import { memberKey, MemberQueue } from './edge/member-queue.js';

/** Of one member; the text of each may have a million characters. */
const WAITING = 60;
/** An experiment of so many points is written within some ten milliseconds. */
const MANY_POINTS = 500;
/** Large experiments that are written at once: more would keep sessions of the database from everybody else, and end no sooner. */
const WRITTEN_AT_ONCE = 2;

type Store = Pick<ExperimentStore, 'find' | 'create' | 'extend'>;

@Injectable()
export class Specifications {
  private readonly reading: MemberQueue;
  private readonly writing = new MemberQueue({
    what: 'large experiments',
    atOnce: WRITTEN_AT_ONCE,
    perMember: 1,
    waiting: WAITING,
  });

  constructor(@Inject(ThreadSpecifications) private readonly threads: ThreadSpecifications) {
    this.reading = new MemberQueue({
      what: 'previews and submissions',
      atOnce: threads.threads,
      perMember: Math.max(1, threads.threads - 1),
      waiting: WAITING,
    });
  }

  /** @param gone aborted when nobody waits for the answer any more */
  readerFor(caller: Caller, gone: AbortSignal): SpecificationReader {
    const inTurn = <T>(task: () => Promise<T>) => this.reading.run(memberKey(caller), task, gone);
    return {
      preview: (text) => inTurn(() => this.threads.preview(text)),
      draft: (text) => inTurn(() => this.threads.draft(text)),
      extend: (specification, extension) => inTurn(() => this.threads.extend(specification, extension)),
    };
  }

  /** What is small is written at once. */
  storeFor(caller: Caller, gone: AbortSignal, experiments: ExperimentStore): Store {
    const inTurn = <T>(pointCount: number, write: () => Promise<T>) =>
      pointCount < MANY_POINTS ? write() : this.writing.run(memberKey(caller), write, gone);
    return {
      find: (id) => experiments.find(id),
      create: (plan) => inTurn(plan.experiment.pointCount, () => experiments.create(plan)),
      extend: (id, plan) => inTurn(plan.experiment.pointCount, () => experiments.extend(id, plan)),
    };
  }
}
