/** Small experiments and their records. */
import {
  packExperiment,
  wholeTradeoff,
  type Admission,
  type Claim,
  type ExperimentPlan,
  type ExperimentStore,
  type RunProgress,
  type RunStore,
} from '@airmeta/lab';
import {
  expandExperiment,
  METRIC_NAMES,
  type ComparedWith,
  type EvaluationRecord,
  type ExpandedExperiment,
  type FineTuningCurve,
  type MetricName,
  type Tradeoff,
} from '@airmeta/spec';
import { expect } from 'vitest';
import type { TestDatabase } from '../../../../test/support/test-database.js';

export const WORKER = { id: 'worker-1', host: 'localhost', slots: 2, engine: 'test 1' };
export const LEASE_MS = 60_000;
export const NOTHING: RunProgress = { round: 0, records: [] };

export interface PlanOptions {
  readonly name?: string;
  /** Values of `uplink.snr`: one swept point each, and the ideal twin they share. */
  readonly snrs?: readonly string[];
  readonly replicates?: number;
  readonly idealTwins?: boolean;
  readonly targetTrainLoss?: number;
  /** Most tests are about runs that are computed, whatever another test or experiment has computed. */
  readonly force?: boolean;
}

export function planOf({
  name = 'test',
  snrs = ['10 dB'],
  replicates = 1,
  idealTwins = false,
  targetTrainLoss,
  force = true,
}: PlanOptions = {}): ExperimentPlan & { readonly expanded: ExpandedExperiment } {
  const expanded = expandExperiment({
    version: 1,
    name,
    base: { task: { family: 'sinusoid' }, uplink: { kind: 'over-the-air' }, rounds: 100 },
    sweep: { grid: { 'uplink.snr': snrs } },
    replicates,
    idealTwins,
    ...(targetTrainLoss === undefined ? {} : { targetTrainLoss }),
  });
  return {
    force,
    expanded,
    experiment: packExperiment(
      expanded,
      expanded.points.map((point) => `point ${point.index}`),
    ),
    dataFingerprints: expanded.points.map(() => null),
    replicateSeeds: Array.from({ length: replicates }, (_, replicate) => Number.MAX_SAFE_INTEGER - replicate),
  };
}

/** A record with the given metrics; the others do not apply. */
export function recordOf(round: number, metrics: Partial<Record<MetricName, number | null>>): EvaluationRecord {
  const none = Object.fromEntries(METRIC_NAMES.map((metric) => [metric, null])) as Record<MetricName, null>;
  return { round, metrics: { ...none, ...metrics } };
}

export function progressOf(round: number, ...records: readonly EvaluationRecord[]): RunProgress {
  return { round, records };
}

/** A curve of two steps whose numbers tell curves apart; 0.1 and a third are no short binary numbers. */
export function curveOf(at: FineTuningCurve['at'], set: FineTuningCurve['set'], metric: FineTuningCurve['metric']): FineTuningCurve {
  const values = [0.1, 1 / 3, null];
  return {
    ...{ at, round: at === 'last' ? 100 : 50, set, metric, tasks: 7 },
    ...{ mean: values, deviation: [null, null, null], q05: values, q25: values, q50: [1, 2, 3], q75: values, q95: [1e-300, 1e300, -0.5] },
  };
}

/** As if a slow machine took no time: runs that a lost attempt has put off, of which there must be one, stay so. */
export async function putOffForLong(database: TestDatabase): Promise<void> {
  const later = `UPDATE runs SET not_before = not_before + interval '1 hour' WHERE not_before IS NOT NULL RETURNING id`;
  expect(await database.query(later)).toHaveLength(1);
}

/** With every row. */
export async function tradeoffOf(experiments: ExperimentStore, id: string, against?: ComparedWith): Promise<Tradeoff | undefined> {
  const compared = await experiments.tradeoff(id, against);
  return compared && wholeTradeoff(compared);
}

/** Claims a run that has just been admitted. */
export async function claim(runs: RunStore, admission: Admission, leaseMs = LEASE_MS): Promise<Claim> {
  const claimed = await runs.claim(admission, WORKER, leaseMs);
  if (claimed === undefined) throw new Error(`run ${admission.runId} could not be claimed`);
  return claimed;
}

export async function admitAndClaim(runs: RunStore, limit: number, leaseMs = LEASE_MS): Promise<Claim[]> {
  return Promise.all((await runs.admit(limit)).map((admission) => claim(runs, admission, leaseMs)));
}
