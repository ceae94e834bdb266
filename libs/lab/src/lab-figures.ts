/** The lab in numbers, for those who watch over it. */
import type { RunState } from '@airmeta/spec';

/** Upper bounds of the intervals in which durations of runs are counted, in seconds; the last interval has none. */
export const DURATION_BOUNDS_S: readonly number[] = [1, 3, 10, 30, 60, 180, 600, 1_800, 3_600, 10_800, 43_200];

/** Runs that ended in one state. */
export interface EndedRuns {
  readonly state: Exclude<RunState, 'queued' | 'running'>;
  readonly count: number;
  /** How long those took that a worker had, from their last claim on: one count per interval, the last one without bound. */
  readonly durations: readonly number[];
  /** Sum of these durations. */
  readonly seconds: number;
}

export interface LabFigures {
  /** Runs that nobody has admitted to the queue yet, that are in the queue, and that a worker computes. */
  readonly runs: { readonly waiting: number; readonly admitted: number; readonly running: number };
  readonly ended: readonly EndedRuns[];
  /** Rounds of the runs that have ended. It never shrinks, as rounds of a run that is given back to the queue were never in it. */
  readonly roundsEnded: number;
  /** Sum over the runs under way of finished rounds per second since the claim. */
  readonly roundsPerSecond: number;
  /** Runs that failed, diverged or completed with a warning, by its code. */
  readonly failures: ReadonlyMap<string, number>;
  /** Workers that gave a sign of life lately, and the runs they can compute at once. */
  readonly workers: { readonly count: number; readonly slots: number };
}

export interface LabFiguresReader {
  read(): Promise<LabFigures>;
}
