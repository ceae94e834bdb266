import { spawn, type ChildProcess } from 'node:child_process';

import { SupervisedProcess } from './supervised-process.js';

export interface NodeProcessOptions {
  /** Path of the module to run. */
  readonly entry: string;
  /** For Node itself. */
  readonly flags?: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs: number;
}

/**
 * A Node program under supervision. It is given an IPC channel and nothing is sent over it: the channel breaks when the
 * supervisor dies, however it dies, and the program takes that (`process.on('disconnect')`) as the order to end. It has
 * a process group of its own, so that Ctrl-C in the terminal reaches the supervisor only, which stops the lab in order.
 */
export function nodeProcess({ entry, flags = [], environment, graceMs }: NodeProcessOptions): SupervisedProcess {
  const launch = (): ChildProcess =>
    spawn(process.execPath, [...flags, entry], { env: environment, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true });
  return new SupervisedProcess({
    launch,
    stopSteps: [
      { signal: 'SIGTERM', graceMs },
      { signal: 'SIGKILL', graceMs: 2_000 },
    ],
  });
}
