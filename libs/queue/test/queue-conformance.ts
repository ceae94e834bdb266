import { randomUUID } from 'node:crypto';
import { once, EventEmitter } from 'node:events';

import type { Admission, JobConsumer, JobHandler, JobQueue } from '@airmeta/lab';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { openJobConsumer, openJobQueue, type QueueBackend } from '../src/index.js';

/** A real database with an empty queue in it, and what can happen to it. */
export interface QueueServer {
  readonly backend: QueueBackend;
  /** Forgets every job, as an operator would. */
  wipe(): Promise<void>;
  /** Drops every connection and admits none. */
  cutOff(): Promise<void>;
  restore(): Promise<void>;
  /** Makes the lock of every running job look as if its worker had died. */
  endLocks(): Promise<void>;
  stop(): Promise<void>;
}

const admission = (dispatch = 1): Admission => ({ runId: randomUUID(), dispatch });

/** The ports' contract, on any backend. */
export function describeJobQueue(name: string, startServer: () => Promise<QueueServer>): void {
  describe(`run queue on ${name}`, { timeout: 180_000 }, () => {
    let server: QueueServer;
    let queue: JobQueue;
    let consumers: JobConsumer[];
    let errors: EventEmitter<{ error: [Error] }>;
    const reported: Error[] = [];
    const onError = (error: Error): void => {
      reported.push(error);
      if (errors.listenerCount('error') > 0) errors.emit('error', error);
    };

    beforeAll(async () => void (server = await startServer()), 60_000);
    afterAll(async () => server?.stop());

    beforeEach(async () => {
      errors = new EventEmitter();
      reported.length = 0;
      consumers = [];
      queue = await openJobQueue(server.backend, { onError });
    });
    afterEach(async () => {
      await Promise.all(consumers.map((consumer) => consumer.close()));
      await queue.close();
      await server.wipe();
    });

    const consume = async (handler: JobHandler, concurrency = 1): Promise<JobConsumer> => {
      const consumer = await openJobConsumer(server.backend, { concurrency, handler, onError });
      consumers.push(consumer);
      return consumer;
    };

    /** Consumes into a list; `reached(n)` resolves once it holds n. */
    const collect = async () => {
      const handled: Admission[] = [];
      const arrivals = new EventEmitter();
      await consume(async (job) => {
        handled.push(job);
        arrivals.emit('job');
      });
      const reached = async (count: number): Promise<void> => {
        while (handled.length < count) await once(arrivals, 'job');
      };
      return { handled, reached };
    };

    it('hands every admission to a handler, in order', async () => {
      const { handled, reached } = await collect();
      const admissions = [admission(), admission(3), admission()];
      await queue.enqueue(admissions);
      await reached(3);
      expect(handled).toEqual(admissions);
    });

    it('starts a job at once when the consumer is idle, and not at its next poll', async () => {
      const { reached } = await collect();
      const waits: number[] = [];
      for (let count = 1; count <= 5; count++) {
        const before = performance.now();
        await queue.enqueue([admission()]);
        await reached(count);
        waits.push(performance.now() - before);
      }
      // Every one of them would wait for the poll, which comes after two seconds.
      expect(Math.min(...waits)).toBeLessThan(1_000);
    });

    it('runs an admission once however often it is enqueued', async () => {
      const twice = admission();
      await queue.enqueue([twice, twice]);
      await queue.enqueue([twice]);
      const last = admission();
      await queue.enqueue([last]);
      const { handled, reached } = await collect();
      await reached(2);
      expect(handled).toEqual([twice, last]);
    });

    it('takes the next dispatch of a run as another job', async () => {
      const first = admission(1);
      const second = { ...first, dispatch: 2 };
      await queue.enqueue([first, second]);
      const { handled, reached } = await collect();
      await reached(2);
      expect(handled).toEqual([first, second]);
    });

    it('knows which admissions it has: waiting and active ones, not finished ones', async () => {
      const events = new EventEmitter();
      const [active, waiting, unknown] = [admission(), admission(), admission()];
      const started = once(events, 'started');
      const finish = once(events, 'finish');
      await queue.enqueue([active]);
      await consume(async () => {
        events.emit('started');
        await finish;
      });
      await started;
      await queue.enqueue([waiting]);
      expect(await queue.missing([active, waiting, unknown])).toEqual([unknown]);
      events.emit('finish');
      await Promise.all(consumers.map((consumer) => consumer.close()));
      expect(await queue.missing([active, unknown])).toEqual([active, unknown]);
      expect(await queue.missing([])).toEqual([]);
    });

    it('lists everything as missing after a wipe, and takes it again', async () => {
      const admissions = Array.from({ length: 300 }, () => admission());
      await queue.enqueue(admissions);
      expect(await queue.missing(admissions)).toEqual([]);
      await server.wipe();
      expect(await queue.missing(admissions)).toEqual(admissions);
      await queue.enqueue(admissions);
      const { handled, reached } = await collect();
      await reached(admissions.length);
      expect(handled).toEqual(admissions);
    });

    it('runs up to `concurrency` handlers at once', async () => {
      const events = new EventEmitter();
      let running = 0;
      const finish = once(events, 'finish');
      const three = once(events, 'three');
      await consume(async () => {
        running += 1;
        if (running === 3) events.emit('three');
        await finish;
      }, 3);
      await queue.enqueue([admission(), admission(), admission(), admission()]);
      await three;
      expect(running).toBe(3);
      events.emit('finish');
    });

    it('waits for running handlers when it closes, and takes no new job', async () => {
      const events = new EventEmitter();
      const [first, second] = [admission(), admission()];
      const handled: Admission[] = [];
      const finish = once(events, 'finish');
      const started = once(events, 'started');
      const consumer = await consume(async (job) => {
        events.emit('started');
        await finish;
        handled.push(job);
      });
      await queue.enqueue([first, second]);
      await started;
      const closed = consumer.close();
      expect(await Promise.race([closed.then(() => 'closed'), queue.missing([second]).then(() => 'open')])).toBe('open');
      events.emit('finish');
      await closed;
      expect(handled).toEqual([first]);
      expect(await queue.missing([first, second])).toEqual([first]);
    });

    it('reports what a handler throws, once, and goes on', async () => {
      const [bad, good] = [admission(), admission()];
      const events = new EventEmitter();
      const done = once(events, 'done');
      await consume(async (job) => {
        if (job.runId === bad.runId) throw new Error('out of luck');
        events.emit('done');
      });
      await queue.enqueue([bad, good]);
      await done;
      expect(reported.map((error) => error.message)).toEqual(['out of luck']);
      expect(await queue.missing([bad])).toEqual([bad]);
    });

    it('survives the loss of its database and goes on when it is back', async () => {
      const { handled, reached } = await collect();
      const [before, after] = [admission(), admission()];
      await queue.enqueue([before]);
      await reached(1);

      const noticed = once(errors, 'error').catch((error: unknown) => error);
      await server.cutOff();
      await noticed;
      await expect(queue.enqueue([after])).rejects.toThrow();
      await server.restore();

      await queue.enqueue([after]);
      await reached(2);
      expect(handled).toEqual([before, after]);
      expect(reported.length).toBeLessThan(50);
    });

    it('closes although its database is away', async () => {
      await collect();
      await server.cutOff();
      await Promise.all([...consumers, queue].map((open) => open.close()));
      await server.restore();
      queue = await openJobQueue(server.backend);
    });

    it('never runs a job twice: one whose lock has ended is dropped', async () => {
      const events = new EventEmitter();
      const [stalling, next] = [admission(), admission()];
      const started: Admission[] = [];
      const finish = once(events, 'finish');
      const handler: JobHandler = async (job) => {
        started.push(job);
        events.emit(job.runId === stalling.runId ? 'stalling' : 'next');
        if (job.runId === stalling.runId) await finish;
      };
      const dropped = new Promise<void>((resolve) => {
        errors.on('error', (error) => {
          if (error.message.includes('was dropped')) resolve();
        });
      });
      const running = once(events, 'stalling');
      await consume(handler);
      await queue.enqueue([stalling]);
      await running;

      await consume(handler);
      await server.endLocks();
      await dropped;
      const nextRunning = once(events, 'next');
      await queue.enqueue([next]);
      await nextRunning;

      expect(started).toEqual([stalling, next]);
      expect(await queue.missing([stalling])).toEqual([stalling]);
      events.emit('finish');
    });
  });
}
