import DataLoader from 'dataloader';
import type { ExperimentStore, Series } from '@airmeta/lab';
import type { FineTuningCurve, MetricName } from '@airmeta/spec';
import type { Response } from 'express';
import { RequestGoneError } from '../edge/problem.js';
import { untilGone } from '../edge/request-gone.js';
import { AnswerMeter, type AnswerLimits } from './answer-meter.js';

/** What resolvers of one request share: each loads what many runs have with one query, whose numbers are charged before they are read. */
export interface GraphqlContext {
  readonly response: Response;
  readonly meter: AnswerMeter;
  /** Of these metrics, or of all. */
  seriesOf(metrics: readonly MetricName[] | undefined): DataLoader<string, readonly Series[]>;
  readonly curves: DataLoader<string, readonly FineTuningCurve[]>;
}

export function createGraphqlContext(experiments: ExperimentStore, response: Response, limits: AnswerLimits): GraphqlContext {
  const meter = new AnswerMeter(limits);
  untilGone(response).addEventListener('abort', () => meter.stop(new RequestGoneError()), { once: true });
  const loaders = new Map<string, DataLoader<string, readonly Series[]>>();
  const createSeriesLoader = (metrics: readonly MetricName[] | undefined) =>
    new DataLoader<string, readonly Series[]>(async (runIds) => {
      meter.charge(await experiments.seriesSize(runIds, metrics));
      const byRun = new Map<string, Series[]>(runIds.map((runId) => [runId, []]));
      for (const series of await experiments.series(runIds, metrics)) byRun.get(series.runId)?.push(series);
      return runIds.map((runId) => byRun.get(runId) ?? []);
    });
  return {
    response,
    meter,
    seriesOf(metrics) {
      const key = metrics?.join() ?? 'all';
      const loader = loaders.get(key) ?? createSeriesLoader(metrics);
      loaders.set(key, loader);
      return loader;
    },
    curves: new DataLoader(async (runIds: readonly string[]) => {
      meter.charge(await experiments.fineTuningSize(runIds));
      const byRun = new Map((await experiments.fineTuning(runIds)).map(({ runId, curves }) => [runId, curves]));
      return runIds.map((runId) => byRun.get(runId) ?? []);
    }),
  };
}
