/** Waiting for something that nobody tells of, within a bound. */
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 25;

/** Looks again and again until the answer is neither false nor undefined. @param what for the message when it takes too long */
export async function until<T>(
  what: string,
  look: () => T | false | undefined | Promise<T | false | undefined>,
  withinMs = 60_000,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== false && found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`not within ${withinMs / 1_000} s: ${what}`);
    await delay(POLL_MS);
  }
}
