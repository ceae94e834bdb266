/** What runs leave behind, and how it is asked for. */
import type { FineTuningCurve, MetricName, ParameterOrigin, ParameterTensor } from '@airmeta/spec';

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

/** Which points' learning curves: by index, or the first swept ones and the twins they are compared with. */
export interface CurveSelection {
  readonly points?: readonly number[];
  /** Most points. */
  readonly limit: number;
}
