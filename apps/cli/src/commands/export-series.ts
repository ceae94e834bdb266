import type { LabClient } from '@airmeta/client';
import { METRIC_NAMES } from '@airmeta/spec';

/** Prints one line per run and evaluated round. */
export async function exportSeries(client: LabClient, experimentId: string): Promise<void> {
  console.log(['run', 'point', 'replicate', 'seed', 'state', 'round', ...METRIC_NAMES].join(','));
  for await (const run of client.runSeries(experimentId)) {
    const byMetric = new Map(run.series.map((series) => [series.metric, series.values]));
    const rounds = run.series[0]?.rounds ?? [];
    rounds.forEach((round, at) => {
      const values = METRIC_NAMES.map((metric) => byMetric.get(metric)?.[at] ?? '');
      console.log([run.id, run.pointId, run.replicate, run.seed, run.state, round, ...values].join(','));
    });
  }
}
