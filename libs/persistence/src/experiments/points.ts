/** Writing points. */
import { randomUUID } from 'node:crypto';
import type { ExpandedExperiment } from '@airmeta/spec';
import type { Queryable } from '../database/database.js';
import { Prisma } from '../generated/client.js';
import { storableText } from '../database/storable-text.js';

export interface LabelledPoints {
  readonly expanded: ExpandedExperiment;
  /** Of every point. */
  readonly labels: readonly string[];
}

/**
 * Writes points; those whose id is there already are changed.
 * @param known ids of points that are there, by their new index
 */
export async function insertPoints(
  tx: Queryable,
  experimentId: string,
  { expanded: { points }, labels }: LabelledPoints,
  known: ReadonlyMap<number, string> = new Map(),
): Promise<void> {
  const ids = points.map(({ index }) => known.get(index) ?? randomUUID());
  const idAt = (index: number | undefined) => (index === undefined ? null : ids[index]);
  const twins = points.map(({ twinIndex }) => idAt(twinIndex));
  const matchedTwins = points.map(({ matchedTwinIndex }) => idAt(matchedTwinIndex));
  await tx.$executeRaw(Prisma.sql`
    INSERT INTO points (experiment_id, id, index, role, label, axes, config, hash, twin_point_id, matched_twin_point_id)
    SELECT ${experimentId}::uuid, point.*
    FROM unnest(
      ${ids}::uuid[],
      ${points.map((point) => point.index)}::int[],
      ${points.map((point) => point.role)}::point_role[],
      ${labels.map(storableText)}::text[],
      ${points.map((point) => JSON.stringify(point.axes))}::json[],
      ${points.map((point) => JSON.stringify(point.config))}::json[],
      ${points.map((point) => point.hash)}::text[],
      ${twins}::uuid[],
      ${matchedTwins}::uuid[]
    ) AS point
    ON CONFLICT (id) DO UPDATE
    SET
      index = excluded.index, role = excluded.role, label = excluded.label, axes = excluded.axes,
      config = excluded.config, hash = excluded.hash, twin_point_id = excluded.twin_point_id,
      matched_twin_point_id = excluded.matched_twin_point_id`);
}
