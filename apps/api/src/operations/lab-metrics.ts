/** The lab's figures as metrics. Every server process of a lab gives the same, as they are read from its database. */
import { DURATION_BOUNDS_S, type LabFigures, type LabFiguresReader } from '@airmeta/lab';
import { Counter, Gauge, type Registry } from 'prom-client';
import { keepBriefly } from './keep-briefly.js';
import { StoredHistogram } from './stored-histogram.js';

export function registerLabMetrics(registry: Registry, reader: LabFiguresReader): void {
  const figures = keepBriefly(() => reader.read());
  const settings = <Label extends string>(name: string, help: string, ...labelNames: Label[]) => ({
    ...{ name: `airmeta_${name}`, help, labelNames, registers: [registry] },
  });
  const gauge = (name: string, help: string, value: (figures: LabFigures) => number) =>
    new Gauge({
      ...settings(name, help),
      async collect() {
        this.set(value(await figures()));
      },
    });
  const counter = <Label extends string>(
    name: string,
    help: string,
    label: Label,
    values: (figures: LabFigures) => Iterable<readonly [string, number]>,
  ) =>
    new Counter({
      ...settings(name, help, label),
      async collect() {
        const read = [...values(await figures())];
        this.reset();
        for (const [name, value] of read) this.labels(name).inc(value);
      },
    });

  new Gauge({
    ...settings('runs', 'Open runs: waiting to be admitted to the queue, admitted to it, or running.', 'stage'),
    async collect() {
      const { runs } = await figures();
      for (const stage of ['waiting', 'admitted', 'running'] as const) this.set({ stage }, runs[stage]);
    },
  });
  gauge('workers', 'Workers that gave a sign of life lately.', ({ workers }) => workers.count);
  gauge('worker_slots', 'Runs that these workers can compute at once.', ({ workers }) => workers.slots);
  gauge(
    'rounds_per_second',
    'Rounds per second of the runs under way, each on average since it was claimed.',
    (read) => read.roundsPerSecond,
  );
  counter('runs_ended_total', 'Runs that ended, by state.', 'state', ({ ended }) => ended.map(({ state, count }) => [state, count]));
  counter('run_failures_total', 'Runs that failed, diverged or completed with a warning, by code.', 'code', ({ failures }) => failures);
  new Counter({
    ...settings('rounds_total', 'Rounds of the runs that have ended.'),
    async collect() {
      const { roundsEnded } = await figures();
      this.reset();
      this.inc(roundsEnded);
    },
  });
  new StoredHistogram({
    name: 'airmeta_run_duration_seconds',
    help: 'Time from the last claim of a run to its end, by the state it ended in.',
    label: 'state',
    bounds: DURATION_BOUNDS_S,
    registry,
    read: async () => (await figures()).ended.map(({ state, durations, seconds }) => ({ label: state, counts: durations, sum: seconds })),
  });
}
