/** Runs as dispatchers and workers see them. */
import type { EvaluationRecord, PointSpec, SimulationOutcome, TrainedModel } from '@airmeta/spec';
import type { RunFailure } from './experiment.js';
import type { Checkpoint } from './simulator.js';

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
  /** Content address of the images that it is to be computed on; null when it draws its own data, or they were not recorded. */
  readonly dataFingerprint: string | null;
  /** Where an earlier attempt on the same arithmetic got to; records from its round on are to be given again. */
  readonly checkpoint: Checkpoint | null;
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
  /** Size of a checkpoint that was too large to be kept. */
  readonly refusedCheckpointBytes?: number;
}

export type RunEnd =
  | SimulationOutcome
  /** With a failure: because its experiment ran out of compute time, which ends all of its runs. */
  | { readonly kind: 'cancelled'; readonly failure?: RunFailure }
  | { readonly kind: 'failed'; readonly failure: RunFailure };

/**
 * Why a worker gives a run back: the worker stops or the experiment is paused, which costs nothing; or a fault of the infrastructure, or a
 * checkpoint that cannot be gone on from, which count as a loss and are tried again after a while.
 */
export type ReleaseReason = 'stopping' | 'paused' | 'fault' | 'checkpoint';

/** What became of a run that a worker refused: another worker may have its data, or none that is there has. */
export type Refusal = 'requeued' | 'failed' | 'cancelled' | 'lost';

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
   * the fence is stale. `why` is kept with the attempt.
   */
  release(claim: Pick<Claim, 'runId' | 'fence'>, reason: ReleaseReason, progress: RunProgress, why?: string): Promise<boolean>;
  /**
   * The worker has other data than the run is of. running -> queued, for another worker and at no cost; -> failed when no worker seen within
   * `workersWithinMs` is left that has not refused it.
   */
  refuse(claim: Pick<Claim, 'runId' | 'fence'>, failure: RunFailure, workersWithinMs: number): Promise<Refusal>;
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
