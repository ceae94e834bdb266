import DataLoader from 'dataloader';
import type { ExperimentStore, Series } from '@airmeta/lab';
import type { FineTuningCurve } from '@airmeta/spec';

/** What resolvers of one request share: each loads what many runs have with one query. */
export interface GraphqlContext {
  readonly series: DataLoader<string, readonly Series[]>;
  readonly curves: DataLoader<string, readonly FineTuningCurve[]>;
}

export function createRunLoaders(experiments: ExperimentStore): GraphqlContext {
  return {
    series: new DataLoader(async (runIds: readonly string[]) => {
      const byRun = new Map<string, Series[]>(runIds.map((runId) => [runId, []]));
      for (const series of await experiments.series(runIds)) byRun.get(series.runId)?.push(series);
      return runIds.map((runId) => byRun.get(runId) ?? []);
    }),
    curves: new DataLoader(async (runIds: readonly string[]) => {
      const byRun = new Map((await experiments.fineTuning(runIds)).map(({ runId, curves }) => [runId, curves]));
      return runIds.map((runId) => byRun.get(runId) ?? []);
    }),
  };
}
