/** A typed client of a lab server, for the command line, scripts and the dashboard. */
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import {
  experimentEventSchema,
  experimentPageSchema,
  experimentPreviewSchema,
  experimentSummarySchema,
  problemSchema,
  type ExperimentEventBody,
  type ExperimentPreviewBody,
  type ExperimentSummaryBody,
  type Problem,
  type Tradeoff,
} from '@airmeta/spec';
import { z } from 'zod';
import { SERIES_QUERY, seriesAnswerSchema, TRADEOFF_QUERY, tradeoffAnswerSchema, type RunSeries } from './graphql-queries.js';

/** The server refused; `problem` says why, with faults for an invalid specification. */
export class RefusedError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}

/** No lab server answers at this address. */
export class UnreachableError extends Error {
  constructor(
    readonly url: string,
    cause: unknown,
  ) {
    super(`no lab server answers at ${url}`, { cause });
  }
}

/** The server answered something that is not of this interface. */
export class UnexpectedAnswerError extends Error {}

export type LiveItem = { readonly kind: 'event'; readonly event: ExperimentEventBody } | { readonly kind: 'progress'; readonly summary: ExperimentSummaryBody };

export class LabClient {
  /** @param url address of the server, such as http://127.0.0.1:3000 */
  constructor(readonly url: string) {}

  /** Stores an experiment. @param specification YAML or JSON @throws RefusedError with every fault */
  async submit(specification: string): Promise<ExperimentSummaryBody> {
    return this.call(experimentSummarySchema, '/v1/experiments', { method: 'POST', body: specification });
  }

  async preview(specification: string): Promise<ExperimentPreviewBody> {
    return this.call(experimentPreviewSchema, '/v1/experiments/preview', { method: 'POST', body: specification });
  }

  async experiment(id: string): Promise<ExperimentSummaryBody> {
    return this.call(experimentSummarySchema, `/v1/experiments/${encodeURIComponent(id)}`);
  }

  async experiments(limit: number, after?: string): Promise<z.output<typeof experimentPageSchema>> {
    const query = new URLSearchParams({ limit: String(limit), ...(after ? { after } : {}) });
    return this.call(experimentPageSchema, `/v1/experiments?${query}`);
  }

  async cancel(id: string): Promise<ExperimentSummaryBody> {
    return this.call(experimentSummarySchema, `/v1/experiments/${encodeURIComponent(id)}/cancel`, { method: 'POST' });
  }

  async tradeoff(experimentId: string): Promise<Tradeoff> {
    const { tradeoff } = await this.graphql(tradeoffAnswerSchema, TRADEOFF_QUERY, { experimentId });
    return {
      ...tradeoff,
      rows: tradeoff.rows.map((row) => ({ ...row, axes: Object.fromEntries(row.axes.map(({ path, value }) => [path, value])) })),
    };
  }

  /** All runs of an experiment with their series. */
  async *runSeries(experimentId: string): AsyncGenerator<RunSeries> {
    let after: string | null = null;
    do {
      const { experiment }: z.output<typeof seriesAnswerSchema> = await this.graphql(seriesAnswerSchema, SERIES_QUERY, { experimentId, after });
      if (!experiment) throw new UnexpectedAnswerError(`there is no experiment ${experimentId}`);
      yield* experiment.runList.items;
      after = experiment.runList.nextCursor;
    } while (after !== null);
  }

  /**
   * Follows an experiment until it has ended. A connection that breaks is opened again where it was, so that no event is
   * missed or given twice; it gives up when the server stays away for `patienceMs`.
   */
  async *follow(id: string, { patienceMs = 60_000, signal }: { patienceMs?: number; signal?: AbortSignal } = {}): AsyncGenerator<LiveItem> {
    let sequence = 0;
    let lastSign = Date.now();
    for (;;) {
      try {
        for await (const message of this.messages(id, sequence, signal)) {
          lastSign = Date.now();
          if (message.event === 'progress') {
            const summary = experimentSummarySchema.parse(JSON.parse(message.data));
            yield { kind: 'progress', summary };
            if (summary.state !== 'running') return;
          } else {
            const event = experimentEventSchema.parse(JSON.parse(message.data));
            sequence = event.sequence;
            yield { kind: 'event', event };
          }
        }
      } catch (error) {
        if (!(error instanceof UnreachableError) || signal?.aborted || Date.now() - lastSign > patienceMs) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }

  private async *messages(id: string, sequence: number, signal?: AbortSignal): AsyncGenerator<EventSourceMessage> {
    const headers = { Accept: 'text/event-stream', 'Last-Event-ID': String(sequence) };
    const response = await this.fetch(`/v1/experiments/${encodeURIComponent(id)}/events`, { headers, ...(signal ? { signal } : {}) });
    if (!response.ok) throw await refusal(response);
    if (!response.body) return;
    const waiting: EventSourceMessage[] = [];
    const parser = createParser({ onEvent: (message) => waiting.push(message) });
    const decoder = new TextDecoder();
    const reader = response.body.getReader();
    try {
      for (;;) {
        const { done, value } = await reader.read().catch((error: unknown) => {
          throw new UnreachableError(this.url, error);
        });
        if (done) return;
        parser.feed(decoder.decode(value, { stream: true }));
        yield* waiting.splice(0);
      }
    } finally {
      await reader.cancel().catch(() => undefined); // the connection may be gone already
    }
  }

  private async call<Schema extends z.ZodType>(schema: Schema, path: string, init: RequestInit = {}): Promise<z.output<Schema>> {
    const response = await this.fetch(path, { ...init, headers: { Accept: 'application/json', 'Content-Type': 'application/yaml' } });
    if (!response.ok) throw await refusal(response);
    return this.read(schema, await response.json());
  }

  private async graphql<Schema extends z.ZodType>(schema: Schema, query: string, variables: Record<string, unknown>): Promise<z.output<Schema>> {
    const response = await this.fetch('/graphql', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
    const answer = this.read(graphqlAnswerSchema, await response.json());
    if (answer.errors?.length) {
      const [{ message, extensions }] = answer.errors;
      throw new RefusedError({ type: 'about:blank', title: 'The query was refused', status: extensions?.status ?? 400, detail: message });
    }
    return this.read(schema, answer.data);
  }

  private read<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
    const result = schema.safeParse(body);
    if (!result.success) throw new UnexpectedAnswerError(`${this.url} answered something else than this client understands: ${z.prettifyError(result.error)}`);
    return result.data;
  }

  private async fetch(path: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(new URL(path, this.url), init);
    } catch (error) {
      throw new UnreachableError(this.url, error);
    }
  }
}

const graphqlAnswerSchema = z.object({
  data: z.unknown().optional(),
  errors: z.array(z.object({ message: z.string(), extensions: z.object({ status: z.int().optional() }).optional() })).optional(),
});

async function refusal(response: Response): Promise<Error> {
  const text = await response.text();
  try {
    const problem = problemSchema.safeParse(JSON.parse(text));
    if (problem.success) return new RefusedError(problem.data);
  } catch {
    // not JSON: said below
  }
  return new UnexpectedAnswerError(`the server answered ${response.status} ${response.statusText}`);
}
