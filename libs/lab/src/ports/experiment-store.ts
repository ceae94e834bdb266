/** Experiments as their researchers see and steer them. */
import type {
  ArchiveFilter,
  ComparedWith,
  Ending,
  ExperimentChange,
  Hold,
  LearningCurves,
  MetricName,
  NewTaskScore,
  PointOrigin,
  RunState,
  Visibility,
} from '@airmeta/spec';
import type { ArithmeticShare } from '../arithmetic-note.js';
import type { Experiment, ExperimentSummary, Point, Run } from './experiment.js';
import type { Page, PageOf } from './page.js';
import type { PackedExperiment } from '../packed-experiment.js';
import type { ClaimRun } from '../claim-run.js';
import type { ComparedExperiment } from '../trade-off/index.js';
import type { CurveSelection, RunCurves, RunParameters, Series } from './results.js';

/** A run as it is created: the seed is derived from the experiment's seed and the replicate index. */
export interface ExperimentPlan {
  readonly experiment: PackedExperiment;
  /** Of the data of every point; null for those that draw their own. */
  readonly dataFingerprints: readonly (string | null)[];
  readonly replicateSeeds: readonly number[];
  /** The lab's by default. */
  readonly visibility?: Visibility;
  /** Compute again what has been computed already. */
  readonly force?: boolean;
  readonly priority?: number;
  readonly tags?: readonly string[];
  /** Of requests of one member with the same key, the first creates the experiment and the others get it. */
  readonly idempotency?: IdempotencyKey;
}

export interface IdempotencyKey {
  readonly key: string;
  /** SHA-256 of what was asked for, in hexadecimal: the same key with something else is a mistake. */
  readonly fingerprint: string;
}

/** An experiment that was asked for: made now, or by an earlier request with the same idempotency key. */
export interface CreatedExperiment {
  readonly summary: ExperimentSummary;
  readonly replayed: boolean;
}

/** More of an experiment: its points in their new order, and what each goes on from. */
export interface ExtensionPlan {
  readonly experiment: PackedExperiment;
  readonly origins: readonly (PointOrigin | null)[];
  /** Of the data of every point, as they are now; null for those that draw their own. */
  readonly dataFingerprints: readonly (string | null)[];
  readonly replicateSeeds: readonly number[];
  /** Hash of the specification that the plan was made from. */
  readonly extendedHash: string;
}

/** What a run waits for: the facts, from which `explainWait` makes a sentence. */
export interface RunWait {
  readonly run: Run;
  readonly hold: Hold | null;
  readonly ending: Ending | null;
  /** Whether it is handed to a worker. */
  readonly admitted: boolean;
  /** When it may be tried again, if that is later than now. */
  readonly notBefore: Date | null;
  /** Workers that have other data than the run is of. */
  readonly refusals: number;
  /** Whether an equal computation is running or handed to a worker. */
  readonly sameComputation: boolean;
  /** Most runs of the owner that run at once; null: no cap. */
  readonly cap: number | null;
  /** Runs of the owner that are running or handed to a worker. */
  readonly runningOfOwner: number;
  /** Runs that may start and are before it in the fair order, by owner; null: of nobody. */
  readonly ahead: readonly { readonly member: string | null; readonly runs: number }[];
  readonly slots: number;
  readonly freeSlots: number;
}

/** Attempts at a run that are shown at most: the last ones. */
export const MAX_ATTEMPTS = 1_000;

/** One claim of a run by a worker, and what became of it. */
export interface RunAttempt {
  /** 1, 2, 3, ... */
  readonly fence: number;
  readonly workerId: string | null;
  readonly engine: string | null;
  /** Where it began: 0, or the round of a checkpoint. */
  readonly fromRound: number;
  /** Size of a checkpoint of it that was too large to be kept; null: there was none. */
  readonly refusedCheckpointBytes: number | null;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  /** The run's final state, or why it was queued again; null while it runs. */
  readonly end: string | null;
}

export interface ExperimentFilter {
  readonly archive?: ArchiveFilter;
  readonly tag?: string;
  /** The whole name, or the beginning of the id. */
  readonly reference?: string;
}

/**
 * Experiments as one session sees them: what its caller may not see does not exist, and what the caller submits is the
 * caller's own. Changes are logged in their own transaction.
 */
export interface ExperimentStore {
  /**
   * Writes experiment, points, runs and the `experiment-created` event in one transaction. Runs whose computation has been done are
   * finished with its results at once, unless forced.
   * @throws IdempotencyConflictError when the key has been used for something else
   */
  create(plan: ExperimentPlan): Promise<CreatedExperiment>;
  find(id: string): Promise<Experiment | undefined>;
  /** Newest first. */
  list(page: Page, filter?: ExperimentFilter): Promise<PageOf<ExperimentSummary>>;
  /** Without its specification. */
  summary(id: string): Promise<ExperimentSummary | undefined>;
  points(experimentId: string): Promise<Point[]>;
  /** In order. */
  pointPage(experimentId: string, page: Page): Promise<PageOf<Point>>;
  runs(experimentId: string, filter: { pointId?: string; state?: RunState }, page: Page): Promise<PageOf<Run>>;
  findRun(runId: string): Promise<Run | undefined>;
  series(runIds: readonly string[], metrics?: readonly MetricName[]): Promise<Series[]>;
  /** How many numbers `series` would give. */
  seriesSize(runIds: readonly string[], metrics?: readonly MetricName[]): Promise<number>;
  fineTuning(runIds: readonly string[]): Promise<RunCurves[]>;
  /** How many numbers `fineTuning` would give. */
  fineTuningSize(runIds: readonly string[]): Promise<number>;
  /**
   * Undefined before the run has completed or diverged, and where its parameters were too many to be kept.
   * @throws DamagedParametersError when they are not what was stored
   */
  parameters(runId: string): Promise<RunParameters | undefined>;
  /** What runs with results were computed on, most runs first. */
  arithmetics(experimentId: string): Promise<ArithmeticShare[]>;
  /**
   * Undefined for an unknown experiment. @param against the ideal twin by default
   * @throws NotComparableError when the experiment has not run what it is to be compared with
   */
  tradeoff(experimentId: string, against?: ComparedWith): Promise<ComparedExperiment | undefined>;
  /** Every run of the experiment that completed or diverged, with its scores on both halves of the new tasks. */
  claimRuns(experimentId: string, score: NewTaskScore): Promise<ClaimRun[]>;
  /** Undefined for an unknown experiment; points by index, those that there are not being left out. */
  learningCurves(experimentId: string, selection: CurveSelection): Promise<LearningCurves | undefined>;
  /**
   * Queued runs become cancelled at once; running ones are asked to stop and are cancelled when their worker lets go
   * or its lease ends. Returns undefined for an unknown experiment; cancelling twice changes nothing.
   */
  cancel(id: string): Promise<ExperimentSummary | undefined>;
  /** No run of it starts; running ones are given back with a checkpoint. @throws ControlConflictError when it has ended */
  pause(id: string): Promise<ExperimentSummary | undefined>;
  /**
   * Makes it whole: lifts a hold or an ending, and queues every run again that has no result: failed, cancelled, or deleted. An
   * experiment that has ended is open again when there is such a run.
   */
  resume(id: string): Promise<ExperimentSummary | undefined>;
  /** Queued runs are cancelled, running ones go on to their end. @throws ControlConflictError when it has ended */
  stop(id: string): Promise<ExperimentSummary | undefined>;
  /** Queues failed runs again; lifts the hold that failures brought. Ends with nothing changed when none has failed. */
  retryFailed(id: string, options: { readonly force: boolean }): Promise<ExperimentSummary | undefined>;
  /** Writes the points and runs of an extension. @throws ControlConflictError when the specification has changed meanwhile, or data have */
  extend(id: string, plan: ExtensionPlan): Promise<ExperimentSummary | undefined>;
  /** Undefined for an unknown experiment. */
  change(id: string, change: ExperimentChange): Promise<ExperimentSummary | undefined>;
  /** Deletes a run that has ended, with its results. False for an unknown run. @throws ControlConflictError while it is open */
  deleteRun(runId: string): Promise<boolean>;
  /** Undefined for an unknown run. */
  waitOf(runId: string): Promise<RunWait | undefined>;
  /** Oldest first. */
  attempts(runId: string, most: number): Promise<RunAttempt[]>;
}
