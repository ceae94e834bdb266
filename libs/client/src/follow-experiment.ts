/** Live views of an experiment, over connections that may break. */
import {
  experimentEventSchema,
  experimentSummarySchema,
  KEEP_ALIVE_MS,
  type ExperimentEventBody,
  type ExperimentSummaryBody,
} from '@airmeta/spec';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { isPassing, UnreachableError } from './errors.js';
import type { LabConnection } from './lab-connection.js';

export type LiveItem =
  { readonly kind: 'event'; readonly event: ExperimentEventBody } | { readonly kind: 'progress'; readonly summary: ExperimentSummaryBody };

export interface FollowOptions {
  /** Whether to give its events besides its progress; true by default. */
  readonly events?: boolean;
  /** How long the server may stay away. */
  readonly patienceMs?: number;
  /** Time between attempts to connect again. */
  readonly retryMs?: number;
  /** A connection that is silent for so long is taken for dead, and opened again. */
  readonly silenceMs?: number;
  readonly signal?: AbortSignal;
}

/** Servers give a sign of life every 15 s: two may be late. */
const SILENCE_MS = 3 * KEEP_ALIVE_MS;

/**
 * Follows an experiment until it has ended. A connection that breaks is opened again where it was, so that no event is
 * missed or given twice; it gives up when nothing was heard for `patienceMs`. Aborting the signal ends it quietly.
 * @throws UnreachableError when patience ran out, RefusedError when there is no such experiment
 */
export async function* followExperiment(
  connection: LabConnection,
  id: string,
  { events = true, patienceMs = 60_000, retryMs = 500, silenceMs = SILENCE_MS, signal = new AbortController().signal }: FollowOptions = {},
): AsyncGenerator<LiveItem> {
  let sequence = 0;
  let lastSign = Date.now();
  while (!signal.aborted) {
    let lost: unknown = new UnreachableError(connection.url, 'it closed the connection');
    try {
      for await (const message of messages(connection, id, { sequence, events, silenceMs }, signal)) {
        lastSign = Date.now();
        const item = liveItem(connection, message);
        if (item.kind === 'event') {
          if (item.event.sequence <= sequence) continue;
          sequence = item.event.sequence;
        }
        yield item;
        lastSign = Date.now(); // what is done with an item does not count against the server
        if (item.kind === 'progress' && item.summary.state !== 'running') return;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!isPassing(error)) throw error;
      lost = error;
    }
    if (Date.now() - lastSign > patienceMs) throw lost;
    await pause(retryMs, signal);
  }
}

function liveItem(connection: LabConnection, { event, data }: EventSourceMessage): LiveItem {
  const body = connection.readJson(data);
  return event === 'progress'
    ? { kind: 'progress', summary: connection.read(experimentSummarySchema, body) }
    : { kind: 'event', event: connection.read(experimentEventSchema, body) };
}

async function* messages(
  connection: LabConnection,
  id: string,
  { sequence, events, silenceMs }: { readonly sequence: number; readonly events: boolean; readonly silenceMs: number },
  signal: AbortSignal,
): AsyncGenerator<EventSourceMessage> {
  const silence = new AbortController();
  const heard = async <T>(work: Promise<T>): Promise<T> => {
    const timer = setTimeout(() => silence.abort(), silenceMs);
    try {
      return await work;
    } finally {
      clearTimeout(timer);
    }
  };
  const headers = { Accept: 'text/event-stream', 'Last-Event-ID': String(sequence) };
  const path = `/v1/experiments/${encodeURIComponent(id)}/events${events ? '' : '?events=false'}`;
  const response = await heard(connection.open(path, { headers, signal: AbortSignal.any([signal, silence.signal]) }));
  if (!response.body) return;
  const waiting: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (message) => waiting.push(message) });
  const decoder = new TextDecoder();
  const reader = response.body.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  try {
    for (;;) {
      const { done, value } = await heard(reader.read()).catch((error: unknown) => {
        throw new UnreachableError(connection.url, error);
      });
      if (done) return;
      parser.feed(decoder.decode(value, { stream: true }));
      yield* waiting.splice(0);
    }
  } finally {
    await reader.cancel().catch(() => undefined); // the connection may be gone already
  }
}

/** Waits, but not longer than until the signal is aborted. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
  });
}
