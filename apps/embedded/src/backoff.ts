import { setTimeout as delay } from 'node:timers/promises';

export interface Backoff {
  readonly initialMs: number;
  readonly maxMs: number;
}

/** Wait before attempt number `attempt` (0 is the first repetition): doubles up to the cap. */
export function backoffMs({ initialMs, maxMs }: Backoff, attempt: number): number {
  return Math.min(initialMs * 2 ** Math.min(attempt, 30), maxMs);
}

/** Asks again and again, waiting longer each time, until `check` is true (then true) or `timeoutMs` has passed (then false). */
export async function eventually(
  check: () => Promise<boolean>,
  backoff: Backoff,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  for (let attempt = 0; ; attempt++) {
    signal?.throwIfAborted();
    if (await check()) return true;
    const left = deadline - performance.now();
    if (left <= 0) return false;
    await delay(Math.min(backoffMs(backoff, attempt), left), undefined, signal ? { signal } : {});
  }
}
