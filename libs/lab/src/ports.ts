/**
 * What the laboratory needs from the outside. Postgres owns the truth behind `ExperimentStore`, `RunStore` and
 * `EventFeed`; `JobQueue` only dispatches and may lose everything; `Simulator` does the work. Times are the database's.
 */
import type {
  EvaluationRecord,
  ExpandedExperiment,
  ExperimentState,
  FineTuningCurve,
  JsonValue,
  LearningCurves,
  MetricName,
  NewTaskScore,
  ParameterOrigin,
  ParameterTensor,
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
  /** Rounds simulated so far and in total, over all runs. */
  readonly roundsDone: number;
  readonly roundsTotal: number;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
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
}

/**
 * Experiments as one session sees them: what its caller may not see does not exist, and what the caller submits is the
 * caller's own. Changes are logged in their own transaction.
 */
export interface ExperimentStore {
  /** Writes experiment, points, runs and the `experiment-created` event in one transaction. */
  create(plan: ExperimentPlan): Promise<ExperimentSummary>;
  find(id: string): Promise<Experiment | undefined>;
  /** Newest first. */
  list(page: Page): Promise<PageOf<ExperimentSummary>>;
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
  /** Undefined for an unknown experiment. */
  setVisibility(id: string, visibility: Visibility): Promise<ExperimentSummary | undefined>;
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
}

/** What a worker learns when it reports: go on, stop because it was cancelled, or stop because the claim is lost. */
export type LeaseState = 'held' | 'cancel-requested' | 'lost';

export interface RunProgress {
  /** Name and version of the arithmetic, once it is known. */
  readonly engine?: string;
  /** Last finished round. */
  readonly round: number;
  /** Records since the last report, in round order. */
  readonly records: readonly EvaluationRecord[];
  /** Written with the end of a run that completed or diverged. */
  readonly trained?: TrainedModel;
}

export type RunEnd = SimulationOutcome | { readonly kind: 'cancelled' } | { readonly kind: 'failed'; readonly failure: RunFailure };

/** Why a worker gives a run back: it stops, which costs nothing, or a fault of the infrastructure, which counts as a loss. */
export type ReleaseReason = 'stopping' | 'fault';

export interface WorkerRegistration {
  readonly id: string;
  readonly host: string;
  readonly slots: number;
  /** What its simulator computes on. */
  readonly engine: string;
}

export interface RunStore {
  /**
   * Admits up to `limit` queued runs that are not in the queue, in fair order: experiments take turns, oldest
   * experiment first within a turn, run order within an experiment; runs in flight count as turns taken. Concurrent
   * dispatchers never admit a run twice.
   */
  admit(limit: number): Promise<Admission[]>;
  /** Runs admitted but not started yet, with their current dispatch number. */
  admitted(): Promise<Admission[]>;
  /** Takes back admissions that are still current, so that the runs are admitted again. Returns how many. */
  readmit(admissions: readonly Admission[]): Promise<number>;
  /**
   * queued -> running with a new fencing token; series of an earlier attempt are dropped. Undefined when the run is not
   * queued, or the admission is not the current one or was taken back.
   */
  claim(admission: Admission, worker: WorkerRegistration, leaseMs: number): Promise<Claim | undefined>;
  /** Appends records, moves progress and renews the lease; writes nothing unless the fence is current. */
  report(claim: Pick<Claim, 'runId' | 'fence'>, progress: RunProgress, leaseMs: number): Promise<LeaseState>;
  /**
   * Ends a run: last records, final state, event, and the experiment's count-down in one transaction; the last one also
   * finishes the experiment. False when the fence is stale, then nothing is written.
   */
  finish(claim: Pick<Claim, 'runId' | 'fence'>, end: RunEnd, progress: RunProgress): Promise<boolean>;
  /**
   * running -> queued by the worker itself, or -> cancelled when cancellation was requested. False when
   * the fence is stale.
   */
  release(claim: Pick<Claim, 'runId' | 'fence'>, reason: ReleaseReason): Promise<boolean>;
  /**
   * Runs whose lease has ended: back to queued, to cancelled when cancellation was requested, or to failed after
   * `maxLosses` lost attempts. Returns how many of each.
   */
  recoverStale(maxLosses: number): Promise<{ requeued: number; cancelled: number; failed: number }>;
  /** Registers the worker or renews its sign of life. */
  heartbeat(worker: WorkerRegistration): Promise<void>;
  /** The worker says goodbye. */
  deregister(workerId: string): Promise<void>;
  /** Sum of slots over workers seen within `withinMs`. */
  liveSlots(withinMs: number): Promise<number>;
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
  | 'experiment-finished';

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
}

/** What a simulation emits while it runs. */
export type SimulationProgress =
  /** Comes first: name and version of the arithmetic, recorded with the results. */
  | { readonly kind: 'started'; readonly engine: string }
  | { readonly kind: 'record'; readonly record: EvaluationRecord }
  | { readonly kind: 'round'; readonly round: number }
  /** Comes last, of a run that has a record. */
  | { readonly kind: 'trained'; readonly trained: TrainedModel };

export interface Simulator {
  /** One line: what this simulator computes on. */
  readonly engines: string;
  /**
   * Runs to the end, calling `onProgress` as rounds pass. Rejects with the signal's reason within one round of an abort.
   */
  simulate(request: SimulationRequest, onProgress: (progress: SimulationProgress) => void, signal: AbortSignal): Promise<SimulationOutcome>;
}
