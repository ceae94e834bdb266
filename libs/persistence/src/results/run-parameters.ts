/** The parameters that runs are left with. */
import { DamagedParametersError, type RunParameters } from '@airmeta/lab';
import { float32Bytes, float32Values, type Integrity, type ParameterTensor, type PointSpec, type TrainedModel } from '@airmeta/spec';
import { resultsOf } from '../bookkeeping/computation.js';
import type { Queryable } from '../database/database.js';
import { Prisma } from '../generated/client.js';
import { KEPT_BYTES_LIMIT, MAX_EXPERIMENT_BYTES, MAX_RUN_BYTES } from './limits.js';
import { parametersChecksum } from './stored-checksum.js';

const TOTAL = Prisma.sql`${MAX_EXPERIMENT_BYTES}::bigint`;

/** Bytes of parameters to keep; 0 when there are none or too many. */
function parameterBytes(trained: Pick<TrainedModel, 'parameters'> | undefined): number {
  const bytes = trained?.parameters.byteLength ?? 0;
  return bytes <= MAX_RUN_BYTES ? bytes : 0;
}

/**
 * `room`: which of the results of a run its `experiment`, which is locked, and the lab have room for, and what they come to [bytes]: its parameters,
 * and the checkpoint of its last round, to go on from when it is extended.
 * @param checkpointBytes NULL without one
 */
export function roomFor(trained: TrainedModel | undefined, checkpointBytes: Prisma.Sql): Prisma.Sql {
  const bytes = Prisma.sql`${parameterBytes(trained)}::bigint`;
  return Prisma.sql`
    size AS (
      SELECT ${bytes} AS parameters, ${checkpointBytes}::bigint AS checkpoint,
        least(${TOTAL} - kept_bytes, ${KEPT_BYTES_LIMIT} - (SELECT sum(kept_bytes) FROM experiments)) AS left
      FROM experiment
    ),
    fit AS (
      SELECT parameters > 0 AND parameters <= size.left AS parameters, coalesce(parameters + checkpoint <= size.left, false) AS checkpoint FROM size
    ),
    room AS (
      SELECT fit.parameters, fit.checkpoint,
        CASE WHEN fit.parameters THEN size.parameters ELSE 0 END + CASE WHEN fit.checkpoint THEN size.checkpoint ELSE 0 END AS bytes
      FROM size CROSS JOIN fit
    )`;
}

/** Writes the parameters of the row `held` of a run, if there is `room`. */
export function insertParameters({ round, tensors, parameters }: TrainedModel): Prisma.Sql {
  const theta = parameterBytes({ parameters }) > 0 ? float32Bytes(parameters) : new Uint8Array(0);
  return Prisma.sql`
      INSERT INTO run_parameters (run_id, round, tensors, theta, checksum)
      SELECT held.id, ${round}, ${JSON.stringify(tensors)}::json, ${Buffer.from(theta)}, ${parametersChecksum(round, tensors, theta)} FROM held CROSS JOIN room WHERE room.parameters`;
}

/** Drops what ended runs have kept beside their records, and their final checkpoint's part of what the experiment, which must be locked, may keep. */
export async function forgetKept(tx: Queryable, experimentId: string, runIds: readonly string[]): Promise<void> {
  await tx.$executeRaw(Prisma.sql`
    WITH dropped AS (DELETE FROM run_parameters WHERE run_id = ANY (${runIds}::uuid[]) RETURNING octet_length(theta) AS bytes),
    kept AS (SELECT size AS bytes FROM checkpoints WHERE run_id = ANY (${runIds}::uuid[])),
    uncurved AS (DELETE FROM fine_tuning_curves WHERE run_id = ANY (${runIds}::uuid[]))
    UPDATE experiments
    SET kept_bytes = greatest(0, kept_bytes - (SELECT coalesce(sum(bytes), 0) FROM (SELECT bytes FROM dropped UNION ALL SELECT bytes FROM kept) AS freed))
    WHERE id = ${experimentId}::uuid`);
}

interface ParametersRow {
  readonly round: number;
  readonly tensors: readonly ParameterTensor[];
  readonly theta: Uint8Array;
  readonly checksum: Uint8Array | null;
  readonly seed: bigint;
  readonly engine: string | null;
  readonly config: PointSpec;
  readonly pointHash: string;
  readonly dataFingerprint: string | null;
  readonly specificationHash: string;
}

/** @throws DamagedParametersError when they are not what was written */
export async function selectParameters(client: Queryable, runId: string): Promise<RunParameters | undefined> {
  const [row] = await client.$queryRaw<ParametersRow[]>(Prisma.sql`
    SELECT
      kept.round, kept.tensors, kept.theta, kept.checksum, runs.seed, runs.engine, points.config,
      points.hash AS "pointHash", points.data_fingerprint AS "dataFingerprint", experiments.hash AS "specificationHash"
    FROM runs
    JOIN run_parameters AS kept ON kept.run_id = ${resultsOf(Prisma.sql`runs`)}
    JOIN points ON points.id = runs.point_id
    JOIN experiments ON experiments.id = runs.experiment_id
    WHERE runs.id = ${runId}::uuid`);
  if (row === undefined) return undefined;
  const { tensors, theta, checksum, seed, engine, ...rest } = row;
  if (checksum !== null && !parametersChecksum(row.round, tensors, theta).equals(checksum)) throw new DamagedParametersError(runId);
  const integrity: Integrity = checksum === null ? 'unverified' : 'verified';
  const origin = { ...rest, run: runId, seed: Number(seed), engine: engine ?? 'unknown', integrity };
  return { origin, tensors, parameters: float32Values(theta) };
}
