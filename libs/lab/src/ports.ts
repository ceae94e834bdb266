/**
 * What the laboratory needs from the outside. Postgres owns the truth behind `ExperimentStore`, `RunStore` and
 * `EventFeed`; `JobQueue` only dispatches and may lose everything; `Simulator` does the work. Times are the database's.
 */
import type {
  ArchiveFilter,
  Ending,
  EvaluationRecord,
  ExpandedExperiment,
  ExperimentChange,
  ExperimentState,
  FineTuningCurve,
  Hold,
  JsonValue,
  LearningCurves,
  MetricName,
  NewTaskScore,
  ParameterOrigin,
  ParameterTensor,
  PointOrigin,
  PointRole,
  PointSpec,
  RunState,
  SimulationOutcome,
  Tradeoff,
  TrainedModel,
  Visibility,
} from '@airmeta/spec';

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

export interface Series {
  readonly runId: string;
  readonly metric: MetricName;
  readonly rounds: readonly number[];
  /** null where the metric does not apply or was not finite. */
  readonly values: readonly (number | null)[];
}

/** The fine-tuning curves of one run, at its last and its best evaluated round; none before it has ended. */
export interface RunCurves {
  readonly runId: string;
  readonly curves: readonly FineTuningCurve[];
}

/** What a run was left with: theta at its last record. */
export interface RunParameters {
  readonly origin: ParameterOrigin;
  /** Names and shapes of consecutive parts of theta. */
  readonly tensors: readonly ParameterTensor[];
  /** theta [d]. */
  readonly parameters: Float32Array;
}

/** The best scores of a run and its ideal twin, within a budget of rounds; see `GainClaimRow`. */
export interface PairedBests {
  readonly pointId: string;
  readonly replicate: number;
  readonly score: NewTaskScore;
  readonly twinBest: number;
  /** null when no evaluated round within the budget has a finite score. */
  readonly best: number | null;
  /** Whether the run was shorter than its budget. */
  readonly cut: boolean;
}

/** Which points' learning curves: by index, or the first swept ones and the twins they are compared with. */
export interface CurveSelection {
  readonly points?: readonly number[];
  /** Most points. */
  readonly limit: number;
}

export interface Page {
  readonly limit: number;
  /** Opaque cursor of the item before the page. */
  readonly after?: string;
}

export interface PageOf<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** A run as it is created: the seed is derived from the experiment's seed and the replicate index. */
export interface ExperimentPlan {
  readonly expanded: ExpandedExperiment;
  readonly labels: readonly string[];
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
  readonly expanded: ExpandedExperiment;
  readonly origins: readonly (PointOrigin | null)[];
  readonly labels: readonly string[];
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

/** One claim of a run by a worker, and what became of it. */
export interface RunAttempt {
  /** 1, 2, 3, ... */
  readonly fence: number;
  readonly workerId: string | null;
  readonly engine: string | null;
  /** Where it began: 0, or the round of a checkpoint. */
  readonly fromRound: number;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  /** The run's final state, or why it was queued again; null while it runs. */
  readonly end: string | null;
}

export interface ExperimentFilter {
  readonly archive?: ArchiveFilter;
  readonly tag?: string;
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
  points(experimentId: string): Promise<Point[]>;
  runs(experimentId: string, filter: { pointId?: string; state?: RunState }, page: Page): Promise<PageOf<Run>>;
  findRun(runId: string): Promise<Run | undefined>;
  series(runIds: readonly string[], metrics?: readonly MetricName[]): Promise<Series[]>;
  fineTuning(runIds: readonly string[]): Promise<RunCurves[]>;
  /** Undefined before the run has completed or diverged, and where its parameters were too many to be kept. */
  parameters(runId: string): Promise<RunParameters | undefined>;
  tradeoff(experimentId: string): Promise<Tradeoff | undefined>;
  /**
   * What a gain within a budget of extra rounds is estimated from, in the order of points and replicates: completed runs
   * whose ideal twin, another point's run, has completed too. Empty for an unknown experiment.
   */
  pairedBests(experimentId: string, budget: number): Promise<PairedBests[]>;
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
  /** Writes the points and runs of an extension. @throws ControlConflictError when the specification has changed meanwhile */
  extend(id: string, plan: ExtensionPlan): Promise<ExperimentSummary | undefined>;
  /** Undefined for an unknown experiment. */
  change(id: string, change: ExperimentChange): Promise<ExperimentSummary | undefined>;
  /** Deletes a run that has ended, with its results. False for an unknown run. @throws ControlConflictError while it is open */
  deleteRun(runId: string): Promise<boolean>;
  /** Undefined for an unknown run. */
  waitOf(runId: string): Promise<RunWait | undefined>;
  /** Oldest first. */
  attempts(runId: string): Promise<RunAttempt[]>;
}

/** A run to hand to the queue; `dispatch` counts how often it was handed over. */
export interface Admission {
  readonly runId: string;
  readonly dispatch: number;
}

export interface Claim {
  readonly runId: string;
  readonly experimentId: string;
  readonly fence: number;
  /** Attempts lost so far to dead workers and faults of the infrastructure. */
  readonly losses: number;
  readonly seed: number;
  readonly config: PointSpec;
  /** Where an earlier attempt on the same arithmetic got to; records from its round on are to be given again. */
  readonly checkpoint: Checkpoint | null;
}

/** Everything a run needs to go on with the same bits. */
export interface Checkpoint {
  /** Rounds played; the evaluation at this round, if there is one, is still to come. */
  readonly round: number;
  readonly bytes: Uint8Array;
}

/**
 * What a worker learns when it reports: go on, or stop: because the experiment was cancelled or paused, because the run or the experiment
 * has used up its time, or because the claim is lost.
 */
export type LeaseState = 'held' | 'cancel-requested' | 'pause-requested' | 'run-time-over' | 'compute-time-over' | 'lost';

export interface RunProgress {
  /** Name and version of the arithmetic, once it is known. */
  readonly engine?: string;
  /** Last finished round. */
  readonly round: number;
  /** Records since the last report, in round order. */
  readonly records: readonly EvaluationRecord[];
  /** Written with the end of a run that completed or diverged. */
  readonly trained?: TrainedModel;
  /** The latest, if there is a new one since the last report. */
  readonly checkpoint?: Checkpoint;
}

export type RunEnd =
  | SimulationOutcome
  /** With a failure: because its experiment ran out of compute time, which ends all of its runs. */
  | { readonly kind: 'cancelled'; readonly failure?: RunFailure }
  | { readonly kind: 'failed'; readonly failure: RunFailure };

/**
 * Why a worker gives a run back: the worker stops or the experiment is paused, which costs nothing, or a fault of the infrastructure,
 * which counts as a loss and is tried again after a while.
 */
export type ReleaseReason = 'stopping' | 'paused' | 'fault';

export interface WorkerRegistration {
  readonly id: string;
  readonly host: string;
  readonly slots: number;
  /** What its simulator computes on. */
  readonly engine: string;
}

export interface RunStore {
  /**
   * Admits queued runs that may start, in fair order: at most `limit`, and no more than there are free slots at workers seen within
   * `workersWithinMs`, where that is given. The member with the fewest runs in flight is next, of equals the one whose last turn is
   * longest ago; among a member's experiments those of the highest priority take turns in the same way; an experiment's runs go in order.
   * Concurrent dispatchers never admit a run twice, nor two runs that are the same computation.
   */
  admit(limit: number, workersWithinMs?: number): Promise<Admission[]>;
  /** Runs admitted at least `sinceMs` ago (0 by default) but not started yet, with their current dispatch number. */
  admitted(sinceMs?: number): Promise<Admission[]>;
  /** Takes back admissions that are still current, so that the runs are admitted again. Returns how many. */
  readmit(admissions: readonly Admission[]): Promise<number>;
  /**
   * queued -> running with a new fencing token; records that are not before the checkpoint it goes on from are dropped. Undefined when the
   * run is not queued, or the admission is not the current one or was taken back.
   */
  claim(admission: Admission, worker: WorkerRegistration, leaseMs: number): Promise<Claim | undefined>;
  /** Appends records, moves progress and renews the lease; writes nothing unless the fence is current. */
  report(claim: Pick<Claim, 'runId' | 'fence'>, progress: RunProgress, leaseMs: number): Promise<LeaseState>;
  /**
   * Ends a run: last records, final state, event, and the experiment's count-down in one transaction; the last one also
   * finishes the experiment. Runs that wait for the same computation then end with the same results. False when the fence is stale, then
   * nothing is written. A run that was given more rounds meanwhile is queued instead, to go on.
   */
  finish(claim: Pick<Claim, 'runId' | 'fence'>, end: RunEnd, progress: RunProgress): Promise<boolean>;
  /**
   * running -> queued by the worker itself, with what it has got to, or -> cancelled when cancellation was requested. False when
   * the fence is stale.
   */
  release(claim: Pick<Claim, 'runId' | 'fence'>, reason: ReleaseReason, progress: RunProgress): Promise<boolean>;
  /**
   * Runs whose lease has ended: back to queued, to cancelled when cancellation was requested, or to failed after
   * `maxLosses` lost attempts. Returns how many of each.
   */
  recoverStale(maxLosses: number): Promise<{ requeued: number; cancelled: number; failed: number }>;
  /** Registers the worker or renews its sign of life. */
  heartbeat(worker: WorkerRegistration): Promise<void>;
  /** The worker says goodbye. */
  deregister(workerId: string): Promise<void>;
}

export type ExperimentEventType =
  | 'experiment-created'
  | 'run-started'
  | 'run-requeued'
  | 'run-completed'
  | 'run-diverged'
  | 'run-failed'
  | 'run-cancelled'
  | 'experiment-cancel-requested'
  | 'experiment-stop-requested'
  | 'experiment-paused'
  | 'experiment-held'
  | 'experiment-resumed'
  | 'experiment-extended'
  | 'experiment-changed'
  | 'experiment-finished'
  | 'run-deleted'
  | 'runs-shared';

/** Events of one experiment are numbered 1, 2, 3, ... without gaps, in commit order. */
export interface ExperimentEvent {
  readonly experimentId: string;
  readonly sequence: number;
  readonly type: ExperimentEventType;
  readonly runId: string | null;
  readonly data: JsonValue;
  readonly at: Date;
}

export interface EventFeed {
  /** Events after `sequence`, oldest first, at most `limit`. */
  eventsAfter(experimentId: string, sequence: number, limit: number): Promise<ExperimentEvent[]>;
}

export interface JobQueue {
  /** Adds one job per admission; an admission that is there already is not added twice. */
  enqueue(admissions: readonly Admission[]): Promise<void>;
  /** Those of `admissions` that the queue has no waiting or active job for. */
  missing(admissions: readonly Admission[]): Promise<Admission[]>;
  close(): Promise<void>;
}

/** Takes jobs from the queue; one per free slot. */
export interface JobConsumer {
  /** Takes no new job and resolves once the running handlers have returned. */
  close(): Promise<void>;
}

export type JobHandler = (admission: Admission) => Promise<void>;

/** Knows whether the data that a configuration names is there and can serve it. */
export interface DatasetInspector {
  /** A sentence about what is missing or corrupt, or null. */
  problemWith(config: PointSpec): Promise<string | null>;
}

export interface SimulationRequest {
  readonly seed: number;
  readonly config: PointSpec;
  /** Where to go on from; from the beginning otherwise. */
  readonly checkpoint?: Checkpoint;
}

/** What a simulation emits while it runs. */
export type SimulationProgress =
  /** Comes first: name and version of the arithmetic, recorded with the results. */
  | { readonly kind: 'started'; readonly engine: string }
  | { readonly kind: 'record'; readonly record: EvaluationRecord }
  | { readonly kind: 'round'; readonly round: number }
  /** From time to time, at an abort, and before the end of a run that completes. */
  | { readonly kind: 'checkpoint'; readonly checkpoint: Checkpoint }
  /** Comes last, of a run that has a record. */
  | { readonly kind: 'trained'; readonly trained: TrainedModel };

export interface Simulator {
  /** One line: what this simulator computes on. */
  readonly engines: string;
  /**
   * Runs to the end, calling `onProgress` as rounds pass. Rejects with the signal's reason within one round of an abort, after a last
   * checkpoint where one can be had.
   */
  simulate(request: SimulationRequest, onProgress: (progress: SimulationProgress) => void, signal: AbortSignal): Promise<SimulationOutcome>;
}
