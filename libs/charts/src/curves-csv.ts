import type { LearningCurves } from '@airmeta/spec';
import { csvText } from './csv-text.js';
import { pointColumns, type DescribedPoint } from './point-columns.js';

/**
 * Learning curves as CSV: a line per point, metric and evaluated round, with the mean over replicates and its interval.
 * @param all points of the experiment in order, of which the curves are some
 */
export function curvesCsv({ experimentId, points }: LearningCurves, all: readonly DescribedPoint[]): string {
  const { header, cellsOf } = pointColumns(experimentId, all);
  const rows = points.flatMap(({ pointIndex, curves }) => {
    const own = cellsOf(all[pointIndex]);
    return curves.flatMap(({ metric, rounds, mean, low, high, n }) =>
      rounds.map((round, at) => [...own, metric, round, mean[at], low[at], high[at], n[at]]),
    );
  });
  return csvText([...header, 'metric', 'round', 'mean', 'low', 'high', 'n'], rows);
}
