/** Writing points. */
import { randomUUID } from 'node:crypto';
import type { PackedExperiment } from '@airmeta/lab';
import type { Queryable } from '../database/database.js';
import { Prisma } from '../generated/client.js';
import { storableText } from '../database/storable-text.js';

interface NewPoints {
  readonly experiment: PackedExperiment;
  /** Of the data of every point; null for those that draw their own. */
  readonly dataFingerprints: readonly (string | null)[];
}

/**
 * Writes points, a few hundred at a time; those whose id is there already are changed, but for the data that they began with.
 * @param known ids of points that are there, by their new index
 */
export async function insertPoints(
  tx: Queryable,
  experimentId: string,
  { experiment: { pointCount, points: packs }, dataFingerprints }: NewPoints,
  known: ReadonlyMap<number, string> = new Map(),
): Promise<void> {
  if (dataFingerprints.length !== pointCount)
    throw new RangeError(`${pointCount} points need as many fingerprints, not ${dataFingerprints.length}`);
  const ids = Array.from({ length: pointCount }, (_, index) => known.get(index) ?? randomUUID());
  const idAt = (index: number | null) => (index === null ? null : ids[index]);
  for (const { from, roles, labels, hashes, axes, configs, twins, matchedTwins } of packs) {
    const to = from + roles.length;
    await tx.$executeRaw(Prisma.sql`
      INSERT INTO points (experiment_id, id, index, role, label, axes, config, hash, data_fingerprint, twin_point_id, matched_twin_point_id)
      SELECT
        ${experimentId}::uuid, point.id, ${from}::int + point.number - 1, point.role, point.label, point.axes, point.config, point.hash,
        point.data_fingerprint, point.twin_id, point.matched_twin_id
      FROM ROWS FROM (
        unnest(${ids.slice(from, to)}::uuid[]),
        unnest(${roles}::point_role[]),
        unnest(${labels.map(storableText)}::text[]),
        json_array_elements(${axes}::json),
        json_array_elements(${configs}::json),
        unnest(${hashes}::text[]),
        unnest(${dataFingerprints.slice(from, to)}::text[]),
        unnest(${twins.map(idAt)}::uuid[]),
        unnest(${matchedTwins.map(idAt)}::uuid[])
      ) WITH ORDINALITY AS point (id, role, label, axes, config, hash, data_fingerprint, twin_id, matched_twin_id, number)
      ON CONFLICT (id) DO UPDATE
      SET
        index = excluded.index, role = excluded.role, label = excluded.label, axes = excluded.axes,
        config = excluded.config, hash = excluded.hash, twin_point_id = excluded.twin_point_id,
        matched_twin_point_id = excluded.matched_twin_point_id`);
  }
}
