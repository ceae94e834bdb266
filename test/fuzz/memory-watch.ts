/** Whether a process keeps memory of what it was asked. */
const MEBIBYTE = 2 ** 20;

/**
 * The heap that a process under test is given: what it keeps of every request for good ends it.
 * Semi-spaces of 4 MiB keep the young generation, which comes and goes with the load, below 12 MiB.
 */
export const SMALL_HEAP = '--max-old-space-size=160 --max-semi-space-size=4';

/**
 * What a process may hold more at its end, in MiB. 10,000 specifications are some 11,900 requests of 4 KB each, 4,760 of them
 * between the two times that are compared: kept as the text and one value made of it, 8 KiB each, they would be 37 MiB. Without
 * a leak it was 2 MiB.
 */
export const MAY_GROW_MIB = 37;

/** One look at the memory for so many requests. */
const EVERY = 20;

export class MemoryWatch {
  private readonly samples: number[] = [];
  private requests = 0;

  constructor(private readonly read: () => number) {}

  /** To be called once for every request. */
  look(): void {
    if (this.requests++ % EVERY === 0) this.samples.push(this.read());
  }

  /**
   * How much more memory the process holds at the end than after warming up, in MiB: medians over the last fifth of the
   * requests and over the third one, as single readings go up and down with the garbage collector.
   */
  growth(): { readonly grown: number; readonly shown: string } {
    const fifth = (which: number) =>
      this.samples.slice(Math.floor((this.samples.length * which) / 5), Math.floor((this.samples.length * (which + 1)) / 5));
    const warm = medianOf(fifth(2)) / MEBIBYTE;
    const end = medianOf(fifth(4)) / MEBIBYTE;
    return { grown: end - warm, shown: `memory ${warm.toFixed(0)} MiB when warm, ${end.toFixed(0)} MiB at the end` };
  }
}

function medianOf(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)];
}
