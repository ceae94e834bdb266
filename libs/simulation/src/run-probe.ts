import type { UplinkReport } from '@airmeta/channel';
import type { Evaluation } from './evaluate.js';

/** Told what a run comes by, to measure beside it. A probe only reads, so the run has the same bits with it and without. */
export interface RunProbe {
  /** An evaluated round, of finite losses. @param theta [d], the run's own array: good until the next round */
  evaluated(round: number, theta: Float32Array, evaluation: Evaluation): void;
  /** A round that was played. @param report null under an ideal uplink */
  played(metaStep: number, report: UplinkReport | null): void;
}
