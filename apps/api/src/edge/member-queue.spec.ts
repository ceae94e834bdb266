import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter, once } from 'node:events';
import { createServer, get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LOCAL_CALLER } from '@airmeta/lab';
import express, { type Request, type Response } from 'express';
import { afterAll, describe, expect, it } from 'vitest';
import { memberKey, MemberQueue, type MemberQueueLimits } from './member-queue.js';
import { problemOf, QueueFullError, RequestGoneError } from './problem.js';
import { untilGone } from './request-gone.js';

const limits = (given: Partial<MemberQueueLimits> = {}): MemberQueueLimits => ({
  what: 'previews',
  atOnce: 1,
  perMember: 1,
  waiting: 100,
  ...given,
});

/** Tasks that are ended by hand, and the order in which they began. */
class Tasks {
  readonly begun: string[] = [];
  readonly ends = new Map<string, () => void>();
  readonly done: Promise<unknown>[] = [];

  constructor(private readonly queue: MemberQueue) {}

  add(member: string, name: string, signal?: AbortSignal): Promise<string> {
    const done = this.queue.run(
      member,
      () => {
        this.begun.push(name);
        return new Promise<string>((resolve) => this.ends.set(name, () => resolve(name)));
      },
      signal,
    );
    this.done.push(done.catch(() => undefined));
    return done;
  }

  /** Ends whatever is under way until nothing begins any more. */
  async endAll(): Promise<void> {
    await this.settled();
    for (let at = 0; at < this.begun.length; at++) {
      this.ends.get(this.begun[at])?.();
      await this.settled();
    }
    await Promise.all(this.done);
  }

  async settled(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('members with waiting tasks', () => {
  it('take turns, however many tasks one of them has, and tasks of one member begin in order', async () => {
    const tasks = new Tasks(new MemberQueue(limits()));
    for (let index = 0; index < 50; index++) void tasks.add('ada', `ada ${index}`);
    for (const name of ['bob 0', 'bob 1']) void tasks.add('bob', name);
    void tasks.add('cleo', 'cleo 0');
    await tasks.endAll();
    expect(tasks.begun.slice(0, 6)).toEqual(['ada 0', 'bob 0', 'cleo 0', 'ada 1', 'bob 1', 'ada 2']);
    expect(tasks.begun.filter((name) => name.startsWith('ada'))).toEqual(Array.from({ length: 50 }, (_, index) => `ada ${index}`));
  });

  it('do each task in the session it was given in, whoever’s end made room for it', async () => {
    const sessions = new AsyncLocalStorage<string>();
    const queue = new MemberQueue(limits());
    const names = ['ada', 'bob', 'ada', 'cleo'];
    const seen = names.map((name) => sessions.run(name, () => queue.run(name, () => Promise.resolve(sessions.getStore()))));
    expect(await Promise.all(seen)).toEqual(names);
  });
});

describe('tasks under way', () => {
  it('are at most so many in all, and so many of one member', async () => {
    const tasks = new Tasks(new MemberQueue(limits({ atOnce: 3, perMember: 2 })));
    for (const name of ['ada 0', 'ada 1', 'ada 2']) void tasks.add('ada', name);
    await tasks.settled();
    expect(tasks.begun).toEqual(['ada 0', 'ada 1']);
    for (const name of ['bob 0', 'bob 1']) void tasks.add('bob', name);
    await tasks.settled();
    expect(tasks.begun).toEqual(['ada 0', 'ada 1', 'bob 0']);
    tasks.ends.get('bob 0')?.();
    await tasks.settled();
    expect(tasks.begun).toEqual(['ada 0', 'ada 1', 'bob 0', 'bob 1']);
    await tasks.endAll();
    expect(tasks.begun).toHaveLength(5);
  });

  it('give their place to the next when they fail, at once or later, and say what went wrong', async () => {
    const queue = new MemberQueue(limits());
    const failures = [
      queue.run('ada', () => Promise.reject(new Error('later'))),
      queue.run('ada', () => {
        throw new Error('at once');
      }),
    ];
    const last = queue.run('ada', () => Promise.resolve('done'));
    await expect(failures[0]).rejects.toThrow('later');
    await expect(failures[1]).rejects.toThrow('at once');
    expect(await last).toBe('done');
  });
});

describe('a task', () => {
  it('is refused with 429 when as many of its member wait as may; others are not', async () => {
    const tasks = new Tasks(new MemberQueue(limits({ waiting: 2 })));
    for (const name of ['ada 0', 'ada 1', 'ada 2']) void tasks.add('ada', name);
    const refusal: unknown = await tasks.add('ada', 'ada 3').catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(QueueFullError);
    expect(refusal).toMatchObject({
      message: '2 of your previews wait for their turn already, and no more may: wait as long as Retry-After says',
      retryAfterSeconds: 5,
    });
    expect(problemOf(refusal)).toMatchObject({ status: 429, type: 'urn:airmeta:problem:too-many-requests', expected: true });
    void tasks.add('bob', 'bob 0');
    await tasks.endAll();
    expect(tasks.begun).toEqual(['ada 0', 'bob 0', 'ada 1', 'ada 2']);
  });

  it('leaves the queue when its request is given up, and its place is free', async () => {
    const tasks = new Tasks(new MemberQueue(limits({ waiting: 1 })));
    const gone = new AbortController();
    void tasks.add('ada', 'ada 0');
    const given = tasks.add('ada', 'ada 1', gone.signal);
    gone.abort();
    await expect(given).rejects.toBeInstanceOf(RequestGoneError);
    await expect(tasks.add('ada', 'ada 2', gone.signal)).rejects.toBeInstanceOf(RequestGoneError);
    void tasks.add('ada', 'ada 3');
    await tasks.endAll();
    expect(tasks.begun).toEqual(['ada 0', 'ada 3']);
  });

  it('is the one user’s in a lab without accounts', () => {
    expect(memberKey(LOCAL_CALLER)).toBe('local');
    expect(
      memberKey({ ...LOCAL_CALLER, member: { id: 'm1', name: 'ada', role: 'researcher', maxRunning: null, createdAt: new Date(0) } }),
    ).toBe('m1');
  });
});

describe('a request', () => {
  const servers: Server[] = [];
  afterAll(() => servers.forEach((server) => server.close()));

  it('is gone when its connection ends before the answer, and not when it was answered', async () => {
    const signals: AbortSignal[] = [];
    const moments = new EventEmitter();
    const [arrived, closed] = [once(moments, 'arrived'), once(moments, 'closed')];
    const app = express();
    app.get('/:what', (request: Request, response: Response) => {
      signals.push(untilGone(response));
      response.once('close', () => request.params['what'] === 'left' && moments.emit('closed'));
      if (request.params['what'] === 'answered') response.send('ok');
      else moments.emit('arrived');
    });
    const server = createServer(app).listen(0, '127.0.0.1');
    servers.push(server);
    await new Promise((resolve) => server.once('listening', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await (await fetch(`${url}/answered`)).text()).toBe('ok');
    const left = get(`${url}/left`).on('error', () => undefined);
    await arrived;
    left.destroy();
    await closed;
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, true]);
  });
});
