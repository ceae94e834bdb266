import DataLoader from 'dataloader';
import type { ExperimentStore, Series } from '@airmeta/lab';
import type { FineTuningCurve, MetricName } from '@airmeta/spec';

/** What resolvers of one request share: each loads what many runs have with one query. */
export interface GraphqlContext {
  /** Of these metrics, or of all. */
  seriesOf(metrics: readonly MetricName[] | undefined): DataLoader<string, readonly Series[]>;
  readonly curves: DataLoader<string, readonly FineTuningCurve[]>;
}

export function createRunLoaders(experiments: ExperimentStore): GraphqlContext {
  const loaders = new Map<string, DataLoader<string, readonly Series[]>>();
  const createSeriesLoader = (metrics: readonly MetricName[] | undefined) =>
    new DataLoader<string, readonly Series[]>(async (runIds) => {
      const byRun = new Map<string, Series[]>(runIds.map((runId) => [runId, []]));
      for (const series of await experiments.series(runIds, metrics)) byRun.get(series.runId)?.push(series);
      return runIds.map((runId) => byRun.get(runId) ?? []);
    });
  return {
    seriesOf(metrics) {
      const key = metrics?.join() ?? 'all';
      const loader = loaders.get(key) ?? createSeriesLoader(metrics);
      loaders.set(key, loader);
      return loader;
    },
    curves: new DataLoader(async (runIds: readonly string[]) => {
      const byRun = new Map((await experiments.fineTuning(runIds)).map(({ runId, curves }) => [runId, curves]));
      return runIds.map((runId) => byRun.get(runId) ?? []);
    }),
  };
}
