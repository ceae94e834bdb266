import type { ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createInterface } from 'node:readline';

import { backoffMs, type Backoff } from './backoff.js';
import { settledWithin } from './settled-within.js';

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why the process could not even be started. */
  readonly error?: Error;
}

/** A signal and how long the process may take to end after it; the last step is waited for without a limit. */
export interface StopStep {
  readonly signal: NodeJS.Signals;
  readonly graceMs: number;
}

export interface SupervisedProcessOptions {
  readonly launch: () => ChildProcess;
  readonly stopSteps: readonly StopStep[];
  readonly backoff?: Backoff;
  /** A process that was up this long starts again at the shortest wait. */
  readonly steadyMs?: number;
}

export interface SupervisedProcessEvents {
  started: [pid: number];
  /** The process ended although nobody asked it to; the next one follows after `restartInMs`. */
  failed: [end: ProcessEnd, restartInMs: number];
  /** A line of its output, of either stream. */
  line: [line: string];
}

const RESTART_BACKOFF: Backoff = { initialMs: 250, maxMs: 15_000 };
const STEADY_MS = 60_000;

/** Keeps one process running until it is stopped: when it ends by itself another is started, later each time. */
export class SupervisedProcess extends EventEmitter<SupervisedProcessEvents> {
  readonly #options: SupervisedProcessOptions;
  #child: ChildProcess | undefined;
  #restart: NodeJS.Timeout | undefined;
  #failures = 0;
  #stopping: Promise<void> | undefined;

  constructor(options: SupervisedProcessOptions) {
    super();
    this.#options = options;
  }

  /** Undefined between two processes. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    if (this.#child !== undefined || this.#stopping !== undefined) return;
    const startedAt = performance.now();
    const child = this.#options.launch();
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => this.emit('line', line));
    }
    child.once('exit', (code, signal) => this.#ended({ code, signal }, performance.now() - startedAt));
    child.on('error', (error) => {
      if (child.pid === undefined) this.#ended({ code: null, signal: null, error }, 0); // otherwise it is about a message
    });
    this.#child = child;
    if (child.pid !== undefined) this.emit('started', child.pid);
  }

  /** Ends the process for good, step by step, and resolves when it has ended; repeated calls wait for the same end. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  /** Ends the process for good without asking and without waiting. */
  kill(signal: NodeJS.Signals = 'SIGKILL'): void {
    this.#stopping ??= Promise.resolve();
    clearTimeout(this.#restart);
    this.#child?.kill(signal);
  }

  async #stop(): Promise<void> {
    clearTimeout(this.#restart);
    const child = this.#child;
    if (child?.pid === undefined) return;
    const exited = once(child, 'exit');
    for (const { signal, graceMs } of this.#options.stopSteps) {
      child.kill(signal);
      if (await settledWithin(exited, graceMs)) return;
    }
    await exited;
  }

  #ended(end: ProcessEnd, upMs: number): void {
    this.#child = undefined;
    if (this.#stopping !== undefined) return;
    if (upMs >= (this.#options.steadyMs ?? STEADY_MS)) this.#failures = 0;
    const restartInMs = backoffMs(this.#options.backoff ?? RESTART_BACKOFF, this.#failures++);
    this.#restart = setTimeout(() => this.start(), restartInMs);
    this.emit('failed', end, restartInMs);
  }
}

/** Such as "exit code 1" or "signal SIGKILL". */
export function describeEnd({ code, signal, error }: ProcessEnd): string {
  if (error !== undefined) return `it could not be started: ${error.message}`;
  return signal === null ? `exit code ${code}` : `signal ${signal}`;
}
