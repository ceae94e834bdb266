/** The parameters that runs are left with. */
import type { RunParameters } from '@airmeta/lab';
import { float32Bytes, float32Values, type ParameterTensor, type PointSpec, type TrainedModel } from '@airmeta/spec';
import type { Queryable } from './database.js';
import { Prisma } from './generated/client.js';

/** Bytes of one run's parameters, and of all that an experiment keeps: what is over is not kept, and the run completes without. */
const MAX_RUN_BYTES = 64 * 2 ** 20;
const MAX_EXPERIMENT_BYTES = 4 * 2 ** 30;

/** Keeps parameters while the experiment, which must be locked, has room for them. */
export async function insertParameters(
  tx: Queryable,
  experimentId: string,
  runId: string,
  { round, tensors, parameters }: TrainedModel,
): Promise<void> {
  if (parameters.byteLength > MAX_RUN_BYTES) return;
  const counted = await tx.$executeRaw(Prisma.sql`
    UPDATE experiments SET kept_bytes = kept_bytes + ${parameters.byteLength}
    WHERE id = ${experimentId}::uuid AND kept_bytes + ${parameters.byteLength} <= ${MAX_EXPERIMENT_BYTES}::bigint`);
  if (counted === 0) return;
  await tx.$executeRaw(Prisma.sql`
    INSERT INTO run_parameters (run_id, round, tensors, theta)
    VALUES (${runId}::uuid, ${round}, ${JSON.stringify(tensors)}::json, ${Buffer.from(float32Bytes(parameters))})`);
}

interface ParametersRow {
  readonly round: number;
  readonly tensors: readonly ParameterTensor[];
  readonly theta: Uint8Array;
  readonly seed: bigint;
  readonly engine: string | null;
  readonly config: PointSpec;
  readonly pointHash: string;
  readonly specificationHash: string;
}

export async function selectParameters(client: Queryable, runId: string): Promise<RunParameters | undefined> {
  const [row] = await client.$queryRaw<ParametersRow[]>(Prisma.sql`
    SELECT
      kept.round, kept.tensors, kept.theta, runs.seed, runs.engine, points.config,
      points.hash AS "pointHash", experiments.hash AS "specificationHash"
    FROM run_parameters AS kept
    JOIN runs ON runs.id = kept.run_id
    JOIN points ON points.id = runs.point_id
    JOIN experiments ON experiments.id = runs.experiment_id
    WHERE kept.run_id = ${runId}::uuid`);
  if (row === undefined) return undefined;
  const { tensors, theta, seed, engine, ...origin } = row;
  return { origin: { ...origin, run: runId, seed: Number(seed), engine: engine ?? 'unknown' }, tensors, parameters: float32Values(theta) };
}
