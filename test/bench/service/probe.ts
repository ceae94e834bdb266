/** Asks for one address at a steady pace, on a thread of its own: what the other thread does is not in the times. */
import { Agent, get } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

interface Asked {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly everyMs: number;
}

/** One answer. */
export interface Probed {
  /** When it was asked for, as performance.timeOrigin + performance.now() [ms]. */
  readonly at: number;
  /** From request to the end of the answer [ms]. */
  readonly ms: number;
  /** The HTTP status, or what went wrong. */
  readonly status: number | string;
}

export interface Probe {
  /** Stops, and gives what was answered. */
  stop(): Promise<readonly Probed[]>;
}

/** @param everyMs pause between an answer and the next question */
export function startProbe(asked: Asked): Probe {
  const thread = new Worker(new URL(import.meta.url), { workerData: asked });
  const answered = new Promise<readonly Probed[]>((resolve, reject) => {
    thread.once('message', resolve).once('error', reject);
  });
  return {
    stop: () => {
      thread.postMessage('stop');
      return answered;
    },
  };
}

function ask(url: string, headers: Asked['headers'], agent: Agent): Promise<number | string> {
  return new Promise((resolve) => {
    get(url, { agent, headers }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode ?? 'no status'));
    }).once('error', (error) => resolve(error.message));
  });
}

async function probe({ url, headers, everyMs }: Asked): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const answers: Probed[] = [];
  let stopped = false;
  parentPort?.once('message', () => (stopped = true));
  while (!stopped) {
    const start = performance.now();
    const status = await ask(url, headers, agent);
    answers.push({ at: performance.timeOrigin + start, ms: performance.now() - start, status });
    await after(everyMs);
  }
  agent.destroy();
  parentPort?.postMessage(answers);
}

if (!isMainThread && workerData !== null) await probe(workerData as Asked);
