/** From rows, as Prisma gives them, to what the ports promise. */
import type { Point, Run, RunFailure } from '@airmeta/lab';
import type { JsonValue, PointSpec } from '@airmeta/spec';
import type { Point as PointRow, Run as RunRow } from '../generated/client.js';

export function pointOf(row: PointRow): Point {
  return { ...row, axes: row.axes as Record<string, JsonValue>, config: row.config as unknown as PointSpec };
}

/** A run, read with what its point says of its data. */
type RunWithData = RunRow & { readonly point: Pick<PointRow, 'dataFingerprint'> };

/** What a query for {@link RunWithData} includes. */
export const WITH_DATA = { point: { select: { dataFingerprint: true } } } as const;

export function runOf(row: RunWithData): Run {
  const { id, experimentId, pointId, replicate, state, fence, losses, round, rounds, engine, computeMs, workerId, startedAt, finishedAt } =
    row;
  return {
    ...{ id, experimentId, pointId, replicate, state, fence, losses, round, rounds, engine, computeMs, workerId, startedAt, finishedAt },
    dataFingerprint: row.point.dataFingerprint,
    shared: row.sharedFromId !== null,
    seed: Number(row.seed),
    failure: row.failure as unknown as RunFailure | null,
  };
}
