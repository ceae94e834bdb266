/** Many who read at once while a sweep runs. */
import type { LabClient } from '@airmeta/client';
import type { BenchLab } from './bench-lab.js';
import { latencyOf, type Latency } from './latency.js';
import { oneRoundSweep } from './one-round-sweep.js';

export interface ReaderFigures {
  readonly readers: number;
  /** Of the readers, those who follow live events. */
  readonly followers: number;
  readonly seconds: number;
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly errors: number;
  /** What the first error said. */
  readonly firstError: string | null;
  readonly latencyMs: Latency;
  readonly events: number;
}

const FOLLOWERS_SHARE = 0.1;

const TRADEOFF =
  'query ($id: ID!) { tradeoff(experimentId: $id) { rows { label runs { completed } newTasks { last { loss { mean low high n } } } } } }';
const RUNS =
  'query ($id: ID!) { experiment(id: $id) { state runList(limit: 50) { items { id state round series(metrics: [trainLoss]) { values } } } } }';

/** What a reader asks for, in turn. @param headers who asks */
export function questions(url: string, id: string, headers: Readonly<Record<string, string>> = {}): readonly (() => Promise<Response>)[] {
  const get = (path: string) => () => fetch(`${url}${path}`, { headers });
  const graphql = (query: string) => () =>
    fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables: { id } }),
    });
  return [get('/v1/experiments?limit=20'), get(`/v1/experiments/${id}`), graphql(TRADEOFF), get('/health/ready'), graphql(RUNS)];
}

export interface Tally {
  readonly latencies: number[];
  readonly errors: string[];
  events: number;
}

/** Asks in turn until then [ms, as performance.now()], each question as soon as the one before is answered. */
export async function read(asked: readonly (() => Promise<Response>)[], first: number, until: number, tally: Tally): Promise<void> {
  for (let turn = first; performance.now() < until; turn++) {
    const start = performance.now();
    try {
      const response = await asked[turn % asked.length]();
      const body = await response.text();
      if (!response.ok || body.includes('"errors"')) tally.errors.push(`${response.status} ${body.slice(0, 200)}`);
      tally.latencies.push(performance.now() - start);
    } catch (error) {
      tally.errors.push(String(error));
    }
  }
}

/** Follows an experiment until the signal. */
export async function follow(client: LabClient, id: string, signal: AbortSignal, tally: Tally): Promise<void> {
  try {
    for await (const item of client.follow(id, { signal })) if (item.kind === 'event') tally.events++;
  } catch (error) {
    if (!signal.aborted) tally.errors.push(String(error));
  }
}

/** Lets `readers` read for `seconds`, each its next question as soon as it has an answer; workers must be there. */
export async function measureReaders({ client, api }: BenchLab, readers: number, seconds: number): Promise<ReaderFigures> {
  const { id } = await client.submit(oneRoundSweep('read', 20, 500), { force: true });
  const tally: Tally = { latencies: [], errors: [], events: 0 };
  const followers = Math.round(readers * FOLLOWERS_SHARE);
  const over = new AbortController();
  const following = Array.from({ length: followers }, () => follow(client, id, over.signal, tally));
  const asked = questions(api.url, id);
  const start = performance.now();
  await Promise.all(Array.from({ length: readers - followers }, (_, reader) => read(asked, reader, start + 1000 * seconds, tally)));
  const elapsed = (performance.now() - start) / 1000;
  over.abort();
  await Promise.all(following);
  await client.cancel(id);
  return {
    ...{ readers, followers, seconds: elapsed },
    requests: tally.latencies.length,
    requestsPerSecond: tally.latencies.length / elapsed,
    errors: tally.errors.length,
    firstError: tally.errors.at(0) ?? null,
    latencyMs: latencyOf(tally.latencies),
    events: tally.events,
  };
}
