/**
 * The order in which the runs of an experiment start: replicate by replicate, so that the first pass over the points already gives a rough
 * trade-off, and within a pass first the points that others are compared with, so that every run after them brings a gain.
 */
import { Prisma } from '../generated/client.js';

/** Points of an experiment: `id`, and their `place` in a pass of `length` points. */
export function placesInPass(experimentId: string): Prisma.Sql {
  const ofExperiment = Prisma.sql`experiment_id = ${experimentId}::uuid`;
  return Prisma.sql`
    SELECT
      id,
      row_number() OVER (
        ORDER BY
          id IN (
            SELECT twin_point_id FROM points WHERE ${ofExperiment} AND twin_point_id <> id
            UNION
            SELECT matched_twin_point_id FROM points WHERE ${ofExperiment} AND matched_twin_point_id <> id
          ) DESC,
          index
      ) - 1 AS place,
      count(*) OVER () AS length
    FROM points WHERE ${ofExperiment}`;
}

/** The number of a run in its experiment, given the names of its place and of its replicate. */
export function ordinalOf(place: Prisma.Sql, replicate: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`(${replicate} * ${place}.length + ${place}.place)::int`;
}
