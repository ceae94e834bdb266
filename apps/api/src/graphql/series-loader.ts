import DataLoader from 'dataloader';
import type { ExperimentStore, Series } from '@airmeta/lab';

/** Loads the series of many runs of one request with one query. */
export type SeriesLoader = DataLoader<string, readonly Series[]>;

export function createSeriesLoader(experiments: ExperimentStore): SeriesLoader {
  return new DataLoader(async (runIds: readonly string[]) => {
    const byRun = new Map<string, Series[]>(runIds.map((runId) => [runId, []]));
    for (const series of await experiments.series(runIds)) byRun.get(series.runId)?.push(series);
    return runIds.map((runId) => byRun.get(runId) ?? []);
  });
}

/** What resolvers of one request share. */
export interface GraphqlContext {
  readonly series: SeriesLoader;
}
