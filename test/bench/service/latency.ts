/** How long answers took. */

export interface Latency {
  readonly requests: number;
  /** Quantiles of the time from request to answer [ms]; null without requests. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly most: number | null;
}

/** @param times from request to answer [ms], in any order */
export function latencyOf(times: Iterable<number>): Latency {
  const sorted = Float64Array.from(times).sort();
  const at = (probability: number) =>
    sorted.length === 0 ? null : sorted[Math.min(sorted.length - 1, Math.floor(probability * sorted.length))];
  return { requests: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), most: at(1) };
}
