/** The parameters that runs are left with. */
import type { RunParameters } from '@airmeta/lab';
import { float32Bytes, float32Values, type ParameterTensor, type PointSpec, type TrainedModel } from '@airmeta/spec';
import { dropCheckpoint } from './checkpoints.js';
import { resultsOf } from './computation.js';
import type { Queryable } from './database.js';
import { Prisma } from './generated/client.js';
import { MAX_EXPERIMENT_BYTES, MAX_RUN_BYTES } from './limits.js';

/**
 * Keeps the parameters of a run that ends, and the checkpoint of its last round, to go on from when it is extended, while the experiment,
 * which must be locked, has room for them. Another checkpoint is dropped.
 * @param lastRound of a run that completed; null when there is nothing to go on from
 */
export async function keepResults(
  tx: Queryable,
  experimentId: string,
  runId: string,
  trained: TrainedModel | undefined,
  lastRound: number | null,
): Promise<void> {
  const parameterBytes = trained && trained.parameters.byteLength <= MAX_RUN_BYTES ? trained.parameters.byteLength : 0;
  const [{ parametersFit, keepsCheckpoint }] = await tx.$queryRaw<{ parametersFit: boolean; keepsCheckpoint: boolean }[]>(Prisma.sql`
    WITH room AS (
      SELECT
        experiments.id,
        kept_bytes + ${parameterBytes} <= ${MAX_EXPERIMENT_BYTES}::bigint AS parameters,
        kept_bytes + ${parameterBytes} + octet_length(checkpoints.bytes) <= ${MAX_EXPERIMENT_BYTES}::bigint AS checkpoint,
        octet_length(checkpoints.bytes) AS checkpoint_bytes
      FROM experiments
      LEFT JOIN checkpoints ON checkpoints.run_id = ${runId}::uuid AND checkpoints.round = ${lastRound}::int
      WHERE experiments.id = ${experimentId}::uuid
    )
    UPDATE experiments
    SET kept_bytes = kept_bytes
      + CASE WHEN parameters THEN ${parameterBytes} ELSE 0 END
      + CASE WHEN checkpoint THEN checkpoint_bytes ELSE 0 END
    FROM room
    WHERE room.id = experiments.id
    RETURNING room.parameters AS "parametersFit", coalesce(room.checkpoint, false) AS "keepsCheckpoint"`);
  if (!keepsCheckpoint) await dropCheckpoint(tx, runId);
  if (!trained || parameterBytes === 0 || !parametersFit) return;
  const { round, tensors, parameters } = trained;
  await tx.$executeRaw(Prisma.sql`
    INSERT INTO run_parameters (run_id, round, tensors, theta)
    VALUES (${runId}::uuid, ${round}, ${JSON.stringify(tensors)}::json, ${Buffer.from(float32Bytes(parameters))})`);
}

/** Drops what ended runs have kept beside their records, and their final checkpoint's part of what the experiment, which must be locked, may keep. */
export async function forgetKept(tx: Queryable, experimentId: string, runIds: readonly string[]): Promise<void> {
  await tx.$executeRaw(Prisma.sql`
    WITH dropped AS (DELETE FROM run_parameters WHERE run_id = ANY (${runIds}::uuid[]) RETURNING octet_length(theta) AS bytes),
    kept AS (SELECT octet_length(bytes) AS bytes FROM checkpoints WHERE run_id = ANY (${runIds}::uuid[])),
    uncurved AS (DELETE FROM fine_tuning_curves WHERE run_id = ANY (${runIds}::uuid[]))
    UPDATE experiments
    SET kept_bytes = greatest(0, kept_bytes - (SELECT coalesce(sum(bytes), 0) FROM (SELECT bytes FROM dropped UNION ALL SELECT bytes FROM kept) AS freed))
    WHERE id = ${experimentId}::uuid`);
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
    FROM runs
    JOIN run_parameters AS kept ON kept.run_id = ${resultsOf(Prisma.sql`runs`)}
    JOIN points ON points.id = runs.point_id
    JOIN experiments ON experiments.id = runs.experiment_id
    WHERE runs.id = ${runId}::uuid`);
  if (row === undefined) return undefined;
  const { tensors, theta, seed, engine, ...origin } = row;
  return { origin: { ...origin, run: runId, seed: Number(seed), engine: engine ?? 'unknown' }, tensors, parameters: float32Values(theta) };
}
