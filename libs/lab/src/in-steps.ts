/** Long computations that stop after every step, so that whoever runs them can let others have their turn. */

/** Takes every step at once. */
export function inOneGo<T>(steps: Generator<void, T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** Takes steps for a while at a time. @param pause awaited whenever they have taken `forMs` */
export async function inSteps<T>(steps: Generator<void, T>, pause: () => Promise<unknown>, forMs = 8): Promise<T> {
  let until = performance.now() + forMs;
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    if (performance.now() < until) continue;
    await pause();
    until = performance.now() + forMs;
  }
}
