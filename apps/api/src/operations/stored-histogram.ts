import { Histogram, type MetricObjectWithValues, type MetricValueWithName, type Registry } from 'prom-client';

/** Observations that were counted elsewhere. */
export interface StoredCounts {
  readonly label: string;
  /** One per interval, the last one without upper bound. */
  readonly counts: readonly number[];
  readonly sum: number;
}

interface StoredHistogramSettings<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly label: Label;
  readonly bounds: readonly number[];
  readonly registry: Registry;
  readonly read: () => Promise<readonly StoredCounts[]>;
}

/** A histogram that is read from a store, where prom-client's own can only be observed. */
export class StoredHistogram<Label extends string> extends Histogram<Label> {
  constructor(private readonly settings: StoredHistogramSettings<Label>) {
    const { name, help, label, bounds, registry } = settings;
    super({ name, help, labelNames: [label], buckets: [...bounds], registers: [registry] });
  }

  override async get(): Promise<MetricObjectWithValues<MetricValueWithName<Label>>> {
    const { name, help, label: labelName, bounds, read } = this.settings;
    const values = (await read()).flatMap(({ label, counts, sum }) => {
      let below = 0;
      const buckets = counts.map((count, index) => ({
        metricName: `${name}_bucket`,
        labels: { le: bounds[index] ?? '+Inf', [labelName]: label },
        value: (below += count),
      }));
      const labels = { [labelName]: label };
      return [...buckets, { metricName: `${name}_sum`, labels, value: sum }, { metricName: `${name}_count`, labels, value: below }];
    });
    return { name, help, type: 'histogram', aggregator: 'sum', values } as unknown as MetricObjectWithValues<MetricValueWithName<Label>>;
  }

  /** What the registry prefers to `get` where it is there. */
  getForPromString(): Promise<MetricObjectWithValues<MetricValueWithName<Label>>> {
    return this.get();
  }
}
