/** Experiments, points and runs as they are stored. */
import type { Ending, ExperimentState, Hold, JsonValue, PointRole, PointSpec, RunState, Visibility } from '@airmeta/spec';

export type RunCounts = Readonly<Record<RunState, number>>;

export interface ExperimentSummary {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  /** null: from a lab without accounts. */
  readonly ownerId: string | null;
  /** Name of the owner. */
  readonly owner: string | null;
  readonly visibility: Visibility;
  readonly state: ExperimentState;
  readonly hash: string;
  readonly replicates: number;
  readonly pointCount: number;
  readonly runCount: number;
  readonly runs: RunCounts;
  /** Runs with the results of an equal computation, which was not repeated. */
  readonly sharedRuns: number;
  /** Rounds simulated so far and in total, over all runs. */
  readonly roundsDone: number;
  readonly roundsTotal: number;
  /** Why no run of it starts; null: runs start in turn. */
  readonly hold: Hold | null;
  /** Why it ends, or has ended, before all of its runs. */
  readonly ending: Ending | null;
  /** Among experiments of one owner; higher goes first. */
  readonly priority: number;
  readonly tags: readonly string[];
  readonly notes: string | null;
  readonly archivedAt: Date | null;
  /** Compute time of attempts that have ended [ms]. */
  readonly computeMs: number;
  /** What is left, as far as it can be told from the runs that are done. */
  readonly remaining: RemainingWork;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
}

/** What the time that an experiment still takes is estimated from. */
export interface RemainingWork {
  /** Runs of it that were computed to their end. */
  readonly done: number;
  /** Mean and sample standard deviation of their time per round [ms]; null where there are too few. */
  readonly roundMs: number | null;
  readonly deviationMs: number | null;
  /** Runs that have not ended, and their rounds that are left. */
  readonly openRuns: number;
  readonly openRounds: number;
  /** Runs of it that are running now. */
  readonly running: number;
}

export interface Experiment extends ExperimentSummary {
  /** The normalised document as it was submitted. */
  readonly specification: JsonValue;
}

export interface Point {
  readonly id: string;
  readonly experimentId: string;
  readonly index: number;
  readonly role: PointRole;
  readonly label: string;
  readonly axes: Readonly<Record<string, JsonValue>>;
  readonly config: PointSpec;
  readonly hash: string;
  readonly twinPointId: string | null;
  readonly matchedTwinPointId: string | null;
}

export interface RunFailure {
  /** `divergence`, or the code of an infrastructure failure. */
  readonly code: string;
  readonly message: string;
  /** For divergence: the first round whose parameters were not finite. */
  readonly round?: number;
}

export interface Run {
  readonly id: string;
  readonly experimentId: string;
  readonly pointId: string;
  readonly replicate: number;
  readonly seed: number;
  readonly state: RunState;
  /** Claims so far; the current claim's fencing token. */
  readonly fence: number;
  readonly round: number;
  readonly rounds: number;
  readonly engine: string | null;
  readonly failure: RunFailure | null;
  /** Whether its results are those of an equal computation, which was not repeated. */
  readonly shared: boolean;
  /** Attempts lost to dead workers and faults of the infrastructure. */
  readonly losses: number;
  /** Compute time of attempts that have ended [ms]. */
  readonly computeMs: number;
  readonly workerId: string | null;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}
