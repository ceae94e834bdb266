import type { Tradeoff } from '@airmeta/spec';

/** More lines than these make no picture, and take a browser seconds to draw. */
const MOST_DRAWN = 150;

/** A trade-off with as many points as a picture can show, and their twins. */
export function drawnPart(tradeoff: Tradeoff): Tradeoff {
  if (tradeoff.rows.length <= MOST_DRAWN) return tradeoff;
  const first = tradeoff.rows.slice(0, MOST_DRAWN);
  const wanted = new Set(first.flatMap(({ pointId, twinPointId }) => [pointId, ...(twinPointId === null ? [] : [twinPointId])]));
  return { ...tradeoff, rows: tradeoff.rows.filter(({ pointId }) => wanted.has(pointId)) };
}
