/** What computes runs, and knows their data. */
import type { EvaluationRecord, PointSpec, SimulationOutcome, TrainedModel } from '@airmeta/spec';

/** What can be said of the data of a configuration before it runs. */
export type DatasetInspection =
  /** A sentence about what is missing or corrupt, or does not fit, and the path of the key to blame: the task unless it says so. */
  | { readonly kind: 'problem'; readonly problem: string; readonly at?: readonly string[] }
  /** They can serve it. The fingerprint is the content address of what was read; null for families that draw their own data. */
  | { readonly kind: 'ready'; readonly fingerprint: string | null };

/** Knows whether the data that a configuration names is there and can serve it, and what it is. */
export interface DatasetInspector {
  inspect(config: PointSpec): Promise<DatasetInspection>;
}

export interface SimulationRequest {
  readonly seed: number;
  readonly config: PointSpec;
  /** Fingerprint of the data it is to be computed on; on others it is refused. Any data when left out. */
  readonly dataFingerprint?: string;
  /** Where to go on from; from the beginning otherwise. */
  readonly checkpoint?: Checkpoint;
}

/** Everything a run needs to go on with the same bits. */
export interface Checkpoint {
  /** Rounds played; the evaluation at this round, if there is one, is still to come. */
  readonly round: number;
  readonly bytes: Uint8Array;
}

/** What a simulation emits while it runs. */
export type SimulationProgress =
  /** Comes first: name and version of the arithmetic, recorded with the results. */
  | { readonly kind: 'started'; readonly engine: string }
  | { readonly kind: 'record'; readonly record: EvaluationRecord }
  | { readonly kind: 'round'; readonly round: number }
  /** From time to time, at an abort, and before the end of a run that completes. */
  | { readonly kind: 'checkpoint'; readonly checkpoint: Checkpoint }
  /** In place of a checkpoint that is too large to be kept; at most once. */
  | { readonly kind: 'checkpoint-refused'; readonly bytes: number; readonly allowed: number }
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
