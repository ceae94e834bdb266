/** A typed client of a lab server, for the command line, scripts and the dashboard. */
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import {
  addedMemberSchema,
  auditPageSchema,
  experimentEventSchema,
  experimentPageSchema,
  experimentPreviewSchema,
  experimentSummarySchema,
  issuedTokenSchema,
  memberListSchema,
  memberSchema,
  problemSchema,
  runAttemptListSchema,
  runSchema,
  runWhySchema,
  tokenListSchema,
  whoamiSchema,
  type AddedMemberBody,
  type ArchiveFilter,
  type ExperimentChangeBody,
  type ExperimentEventBody,
  type ExperimentPreviewBody,
  type ExperimentSummaryBody,
  type ExtensionBody,
  type GainClaim,
  type IssuedTokenBody,
  type LearningCurves,
  type MemberBody,
  type MemberChangeBody,
  type MemberRole,
  type NewTokenBody,
  type Problem,
  type RunAttemptBody,
  type RunBody,
  type RunState,
  type RunWhyBody,
  type TokenBody,
  type Tradeoff,
  type Visibility,
  type WhoamiBody,
} from '@airmeta/spec';
import { z } from 'zod';
import {
  CLAIM_QUERY,
  claimAnswerSchema,
  CURVES_QUERY,
  curvesAnswerSchema,
  LEARNING_CURVES_QUERY,
  learningCurvesAnswerSchema,
  POINT_LABELS_QUERY,
  pointLabelsAnswerSchema,
  RUN_ROWS_QUERY,
  runRowsAnswerSchema,
  SERIES_QUERY,
  seriesAnswerSchema,
  TRADEOFF_QUERY,
  tradeoffAnswerSchema,
  type RunCurves,
  type RunRow,
  type RunSeries,
} from './graphql-queries.js';

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

/** The server answered something that is not of this interface; perhaps it is no lab server. */
export class UnexpectedAnswerError extends Error {
  constructor(
    message: string,
    /** Status of the answer, when that was what was unexpected. */
    readonly status?: number,
  ) {
    super(message);
  }
}

export type LiveItem =
  { readonly kind: 'event'; readonly event: ExperimentEventBody } | { readonly kind: 'progress'; readonly summary: ExperimentSummaryBody };

/** A page of an experiment's runs, with what was asked of each. */
interface RunsAnswer<T> {
  readonly experiment: { readonly runList: { readonly nextCursor: string | null; readonly items: readonly T[] } } | null;
}

export interface SubmitOptions {
  /** The lab's by default. */
  readonly visibility?: Visibility;
  /** Compute again what has been computed already. */
  readonly force?: boolean;
  /** Among one's own experiments; higher goes first. */
  readonly priority?: number;
  readonly tags?: readonly string[];
  /** Of one's requests with the same key the first creates the experiment, and the others get it. */
  readonly idempotencyKey?: string;
}

export interface ListOptions {
  readonly after?: string;
  /** Those that are not archived by default. */
  readonly archive?: ArchiveFilter;
  readonly tag?: string;
}

export interface FollowOptions {
  /** How long the server may stay away. */
  readonly patienceMs?: number;
  /** Time between attempts to connect again. */
  readonly retryMs?: number;
  readonly signal?: AbortSignal;
}

export class LabClient {
  /**
   * @param url address of the server, such as http://127.0.0.1:3000
   * @param token what the server tells its members by; none for a lab without accounts
   */
  constructor(
    readonly url: string,
    private readonly token?: string,
  ) {}

  /** Stores an experiment. @param specification YAML or JSON @throws RefusedError with every fault */
  async submit(specification: string, options: SubmitOptions = {}): Promise<ExperimentSummaryBody> {
    const { visibility, force, priority, tags = [], idempotencyKey } = options;
    const query = queryOf({ visibility, force, priority, tags: tags.length > 0 ? tags.join(',') : undefined });
    const headers = idempotencyKey === undefined ? {} : { 'Idempotency-Key': idempotencyKey };
    return this.call(experimentSummarySchema, `/v1/experiments${query}`, { method: 'POST', headers, body: specification });
  }

  async preview(specification: string): Promise<ExperimentPreviewBody> {
    return this.call(experimentPreviewSchema, '/v1/experiments/preview', { method: 'POST', body: specification });
  }

  async experiment(id: string): Promise<ExperimentSummaryBody> {
    return this.call(experimentSummarySchema, `/v1/experiments/${encodeURIComponent(id)}`);
  }

  async experiments(limit: number, options: ListOptions = {}): Promise<z.output<typeof experimentPageSchema>> {
    return this.call(experimentPageSchema, `/v1/experiments${queryOf({ limit, ...options })}`);
  }

  /** Queued runs are cancelled at once, running ones as their workers let go. */
  async cancel(id: string): Promise<ExperimentSummaryBody> {
    return this.steer(id, 'cancel');
  }

  /** No run starts, and running ones are given back with a checkpoint. */
  async pause(id: string): Promise<ExperimentSummaryBody> {
    return this.steer(id, 'pause');
  }

  /** Lifts what holds or ends it, and queues every run that has no result. */
  async resume(id: string): Promise<ExperimentSummaryBody> {
    return this.steer(id, 'resume');
  }

  /** Queued runs are cancelled, running ones go on to their end. */
  async stop(id: string): Promise<ExperimentSummaryBody> {
    return this.steer(id, 'stop');
  }

  /** Queues failed runs again. @param options force: compute again even what another experiment has computed */
  async retry(id: string, options: { readonly force?: boolean } = {}): Promise<ExperimentSummaryBody> {
    return this.steer(id, 'retry', options);
  }

  /** More replicates, rounds or values. @throws RefusedError with every fault */
  async extend(id: string, extension: ExtensionBody): Promise<ExperimentSummaryBody> {
    return this.steer(id, 'extend', extension);
  }

  /** Who sees it, its priority, tags, notes, and whether it is archived; what is left out stays. */
  async change(id: string, change: ExperimentChangeBody): Promise<ExperimentSummaryBody> {
    return this.call(experimentSummarySchema, `/v1/experiments/${encodeURIComponent(id)}`, jsonBody('PATCH', change));
  }

  async run(id: string): Promise<RunBody> {
    return this.call(runSchema, `/v1/runs/${encodeURIComponent(id)}`);
  }

  /** Why a run is not running. */
  async why(runId: string): Promise<RunWhyBody> {
    return this.call(runWhySchema, `/v1/runs/${encodeURIComponent(runId)}/why`);
  }

  /** Claims of a run by workers, oldest first. */
  async attempts(runId: string): Promise<RunAttemptBody[]> {
    return (await this.call(runAttemptListSchema, `/v1/runs/${encodeURIComponent(runId)}/attempts`)).items;
  }

  /** Deletes a run that has ended, with its results. */
  async deleteRun(id: string): Promise<void> {
    await this.delete(`/v1/runs/${encodeURIComponent(id)}`);
  }

  async whoami(): Promise<WhoamiBody> {
    return this.call(whoamiSchema, '/v1/whoami');
  }

  /** One's own, newest first; for an admin everybody's. */
  async tokens(): Promise<TokenBody[]> {
    return (await this.call(tokenListSchema, '/v1/tokens')).items;
  }

  /** The answer is the only one that has the token itself. */
  async createToken(token: NewTokenBody): Promise<IssuedTokenBody> {
    return this.call(issuedTokenSchema, '/v1/tokens', jsonBody('POST', token));
  }

  async revokeToken(id: string): Promise<void> {
    await this.delete(`/v1/tokens/${encodeURIComponent(id)}`);
  }

  async members(): Promise<MemberBody[]> {
    return (await this.call(memberListSchema, '/v1/members')).items;
  }

  /** The answer is the only one that has the member's first token. */
  async addMember(name: string, role: MemberRole): Promise<AddedMemberBody> {
    return this.call(addedMemberSchema, '/v1/members', jsonBody('POST', { name, role }));
  }

  /** A role, a cap on the member's runs that run at once (null: none), or both. */
  async changeMember(name: string, change: MemberChangeBody): Promise<MemberBody> {
    return this.call(memberSchema, `/v1/members/${encodeURIComponent(name)}`, jsonBody('PATCH', change));
  }

  async removeMember(name: string): Promise<void> {
    await this.delete(`/v1/members/${encodeURIComponent(name)}`);
  }

  /** What was changed, newest first. */
  async audit(limit: number, after?: string): Promise<z.output<typeof auditPageSchema>> {
    return this.call(auditPageSchema, `/v1/audit${queryOf({ limit, after })}`);
  }

  async tradeoff(experimentId: string): Promise<Tradeoff> {
    const { tradeoff } = await this.graphql(tradeoffAnswerSchema, TRADEOFF_QUERY, { experimentId });
    return {
      ...tradeoff,
      rows: tradeoff.rows.map((row) => ({ ...row, axes: Object.fromEntries(row.axes.map(({ path, value }) => [path, value])) })),
    };
  }

  /** @param budget extra rounds as a share; 0.18 by default @throws RefusedError when it is no such share */
  async claim(experimentId: string, budget?: number): Promise<GainClaim> {
    return (await this.graphql(claimAnswerSchema, CLAIM_QUERY, { experimentId, budget })).claim;
  }

  /** @param points indices of points; by default the first ones with their twins */
  async learningCurves(experimentId: string, points?: readonly number[]): Promise<LearningCurves> {
    return (await this.graphql(learningCurvesAnswerSchema, LEARNING_CURVES_QUERY, { experimentId, points })).learningCurves;
  }

  /** Runs of an experiment in order, of one state or all, with how far they are. */
  async *runRows(experimentId: string, state?: RunState): AsyncGenerator<RunRow> {
    const { experiment } = await this.graphql(pointLabelsAnswerSchema, POINT_LABELS_QUERY, { experimentId });
    const points = new Map((experiment?.points ?? []).map((point) => [point.id, point]));
    for await (const run of this.runs(runRowsAnswerSchema, RUN_ROWS_QUERY, experimentId, { state })) {
      const point = points.get(run.pointId);
      yield { ...run, pointIndex: point?.index ?? -1, label: point?.label ?? '' };
    }
  }

  /** All runs of an experiment with their series. */
  runSeries(experimentId: string): AsyncGenerator<RunSeries> {
    return this.runs(seriesAnswerSchema, SERIES_QUERY, experimentId);
  }

  /** All runs of an experiment with their fine-tuning curves. */
  runCurves(experimentId: string): AsyncGenerator<RunCurves> {
    return this.runs(curvesAnswerSchema, CURVES_QUERY, experimentId);
  }

  /** The trained parameters of a run, as a safetensors file. @throws RefusedError when there are none */
  async parameters(runId: string): Promise<Uint8Array> {
    const response = await this.fetch(`/v1/runs/${encodeURIComponent(runId)}/parameters`, {
      headers: { Accept: 'application/octet-stream' },
    });
    if (!response.ok) throw this.refusal(response, await this.textOf(response));
    try {
      return new Uint8Array(await response.arrayBuffer());
    } catch (error) {
      throw new UnreachableError(this.url, error);
    }
  }

  private async *runs<T>(
    schema: z.ZodType<RunsAnswer<T>>,
    query: string,
    experimentId: string,
    filter: Record<string, unknown> = {},
  ): AsyncGenerator<T> {
    let after: string | null = null;
    do {
      const { experiment }: RunsAnswer<T> = await this.graphql(schema, query, { ...filter, experimentId, after });
      if (!experiment) throw new UnexpectedAnswerError(`there is no experiment ${experimentId}`);
      yield* experiment.runList.items;
      after = experiment.runList.nextCursor;
    } while (after !== null);
  }

  /**
   * Follows an experiment until it has ended. A connection that breaks is opened again where it was, so that no event is
   * missed or given twice; it gives up when nothing was heard for `patienceMs`. Aborting the signal ends it quietly.
   * @throws UnreachableError when patience ran out, RefusedError when there is no such experiment
   */
  async *follow(
    id: string,
    { patienceMs = 60_000, retryMs = 500, signal = new AbortController().signal }: FollowOptions = {},
  ): AsyncGenerator<LiveItem> {
    let sequence = 0;
    let lastSign = Date.now();
    while (!signal.aborted) {
      let lost: unknown = new UnreachableError(this.url, 'it closed the connection');
      try {
        for await (const message of this.messages(id, sequence, signal)) {
          lastSign = Date.now();
          const item = this.liveItem(message);
          if (item.kind === 'event') {
            if (item.event.sequence <= sequence) continue;
            sequence = item.event.sequence;
          }
          yield item;
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

  private liveItem({ event, data }: EventSourceMessage): LiveItem {
    const body = this.readJson(data);
    return event === 'progress'
      ? { kind: 'progress', summary: this.read(experimentSummarySchema, body) }
      : { kind: 'event', event: this.read(experimentEventSchema, body) };
  }

  private async *messages(id: string, sequence: number, signal: AbortSignal): AsyncGenerator<EventSourceMessage> {
    const headers = { Accept: 'text/event-stream', 'Last-Event-ID': String(sequence) };
    const response = await this.fetch(`/v1/experiments/${encodeURIComponent(id)}/events`, { headers, signal });
    if (!response.ok) throw this.refusal(response, await this.textOf(response));
    if (!response.body) return;
    const waiting: EventSourceMessage[] = [];
    const parser = createParser({ onEvent: (message) => waiting.push(message) });
    const decoder = new TextDecoder();
    const reader = response.body.getReader() as ReadableStreamDefaultReader<Uint8Array>;
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

  private async steer(id: string, deed: string, body?: unknown): Promise<ExperimentSummaryBody> {
    const init = body === undefined ? { method: 'POST' } : jsonBody('POST', body);
    return this.call(experimentSummarySchema, `/v1/experiments/${encodeURIComponent(id)}/${deed}`, init);
  }

  private async call<Schema extends z.ZodType>(schema: Schema, path: string, init: RequestInit = {}): Promise<z.output<Schema>> {
    const headers = new Headers(init.headers);
    headers.set('Accept', 'application/json');
    if (init.body !== undefined && !headers.has('Content-Type')) headers.set('Content-Type', 'application/yaml');
    const response = await this.fetch(path, { ...init, headers });
    const text = await this.textOf(response);
    if (!response.ok) throw this.refusal(response, text);
    return this.read(schema, this.readJson(text));
  }

  private async delete(path: string): Promise<void> {
    const response = await this.fetch(path, { method: 'DELETE' });
    const text = await this.textOf(response);
    if (!response.ok) throw this.refusal(response, text);
  }

  private async graphql<Schema extends z.ZodType>(
    schema: Schema,
    query: string,
    variables: Record<string, unknown>,
  ): Promise<z.output<Schema>> {
    const response = await this.fetch('/graphql', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
    const text = await this.textOf(response);
    const answer = graphqlAnswerSchema.safeParse(parsedOrUndefined(text));
    if (answer.data?.errors?.length) {
      const [{ message, extensions }] = answer.data.errors;
      throw new RefusedError({ type: 'about:blank', title: 'The query was refused', status: extensions?.status ?? 400, detail: message });
    }
    if (!response.ok) throw this.refusal(response, text);
    return this.read(schema, this.read(graphqlAnswerSchema, this.readJson(text)).data);
  }

  private read<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
    const result = schema.safeParse(body);
    if (!result.success) {
      throw new UnexpectedAnswerError(`${this.url} answered something else than this client understands: ${z.prettifyError(result.error)}`);
    }
    return result.data;
  }

  private readJson(text: string): unknown {
    const value = parsedOrUndefined(text);
    if (value === undefined) throw new UnexpectedAnswerError(`${this.url} answered something that is not JSON; is it a lab server?`);
    return value;
  }

  private refusal({ status, statusText }: Response, text: string): Error {
    const problem = problemSchema.safeParse(parsedOrUndefined(text));
    return problem.success
      ? new RefusedError(problem.data)
      : new UnexpectedAnswerError(`${this.url} answered ${status} ${statusText}`.trimEnd(), status);
  }

  private async textOf(response: Response): Promise<string> {
    try {
      return await response.text();
    } catch (error) {
      throw new UnreachableError(this.url, error);
    }
  }

  /** The server may stand below a path, such as https://host/airmeta. */
  private async fetch(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.token) headers.set('Authorization', `Bearer ${this.token}`);
    try {
      return await fetch(new URL(path.slice(1), this.url.endsWith('/') ? this.url : `${this.url}/`), { ...init, headers });
    } catch (error) {
      throw new UnreachableError(this.url, error);
    }
  }
}

/** A query string of what is defined; none of nothing. */
function queryOf(parameters: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const given = Object.entries(parameters).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}

function jsonBody(method: string, body: unknown): RequestInit {
  return { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
}

/** Whether an error may be over soon: the server restarts, or whatever stands before it says that it does. */
function isPassing(error: unknown): boolean {
  const status = error instanceof RefusedError ? error.problem.status : error instanceof UnexpectedAnswerError ? error.status : undefined;
  return error instanceof UnreachableError || (status !== undefined && status >= 502 && status <= 504) || status === 429;
}

function parsedOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
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

const graphqlAnswerSchema = z.object({
  data: z.unknown().optional(),
  errors: z.array(z.object({ message: z.string(), extensions: z.object({ status: z.int().optional() }).optional() })).optional(),
});
