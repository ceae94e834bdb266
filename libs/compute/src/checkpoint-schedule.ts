/** When a thread takes checkpoints. Times are in milliseconds of any clock that does not go back. */

/** At most so much is lost when a worker dies. */
const INTERVAL_MS = 10_000;

/** The time from one to the next is at least so many times what taking it took: large ones cost a hundredth of the run's time. */
const MIN_RATIO = 100;

/** What runs write of large ones on average [bytes per ms]: 4 MiB a second leave a disk to others. */
const BYTES_PER_MS = (4 * 2 ** 20) / 1_000;

/** A run that will have ended by then takes no other than its last. */
const SOON_MS = 1_000;

export class CheckpointSchedule {
  private next: number;

  /**
   * @param rounds of the whole run
   * @param fromRound where this computation of it begins
   */
  constructor(
    private readonly rounds: number,
    private readonly fromRound: number,
    private readonly startedAt: number,
  ) {
    this.next = startedAt + INTERVAL_MS;
  }

  /** Whether to take one after `round` rounds: after the last one always, because a longer run would go on from it. */
  isDue(round: number, now: number): boolean {
    if (round === this.rounds) return true;
    if (now < this.next) return false;
    const roundMs = (now - this.startedAt) / (round - this.fromRound);
    return roundMs * (this.rounds - round) > SOON_MS;
  }

  taken(startedAt: number, now: number, bytes: number): void {
    this.next = now + Math.max(INTERVAL_MS, MIN_RATIO * (now - startedAt), bytes / BYTES_PER_MS);
  }
}
