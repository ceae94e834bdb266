/** A typed client of a lab server, for the command line, scripts and the dashboard. */
import {
  DEFAULT_TRADEOFF_ROWS,
  addedMemberSchema,
  auditPageSchema,
  datasetListSchema,
  datasetSummarySchema,
  diskReportSchema,
  diskUsageSchema,
  experimentPageSchema,
  experimentPreviewSchema,
  experimentSchema,
  experimentSummarySchema,
  issuedTokenSchema,
  memberListSchema,
  memberSchema,
  prunedSchema,
  runAttemptListSchema,
  runSchema,
  runWhySchema,
  tokenListSchema,
  whoamiSchema,
  type AddedMemberBody,
  type ArchiveFilter,
  type ComparedWith,
  type DatasetList,
  type DiskReportBody,
  type DiskUsageBody,
  type PruneChoice,
  type PrunedBody,
  type DatasetSummary,
  type ExperimentChangeBody,
  type ExperimentPreviewBody,
  type ExperimentSummaryBody,
  type ExtensionBody,
  type GainClaim,
  type IssuedTokenBody,
  type JsonValue,
  type LearningCurves,
  type MemberBody,
  type MemberChangeBody,
  type MemberRole,
  type NewTokenBody,
  type PointRole,
  type RunAttemptBody,
  type RunBody,
  type RunState,
  type RunWhyBody,
  type TokenBody,
  type Tradeoff,
  type Visibility,
  type WhoamiBody,
} from '@airmeta/spec';
import type { z } from 'zod';
import { isTooLarge, UnexpectedAnswerError, UnreachableError } from './errors.js';
import { followExperiment, type FollowOptions, type LiveItem } from './follow-experiment.js';
import {
  ARITHMETIC_NOTE_QUERY,
  arithmeticNoteAnswerSchema,
  CLAIM_QUERY,
  claimAnswerSchema,
  CURVES_QUERY,
  curvesAnswerSchema,
  DESCRIBED_POINTS_QUERY,
  describedPointsAnswerSchema,
  LEARNING_CURVES_QUERY,
  learningCurvesAnswerSchema,
  POINT_LABELS_QUERY,
  pointLabelsAnswerSchema,
  RUN_PAGE,
  RUN_ROWS_QUERY,
  RUN_SERIES_QUERY,
  runRowsAnswerSchema,
  runSeriesAnswerSchema,
  SERIES_QUERY,
  seriesAnswerSchema,
  TRADEOFF_QUERY,
  tradeoffAnswerSchema,
  type RunCurves,
  type RunRow,
  type MetricSeries,
  type PointLabel,
  type RunListItem,
  type RunSeries,
} from './graphql-queries.js';
import { LabConnection } from './lab-connection.js';

export interface RunPage<T> {
  readonly nextCursor: string | null;
  readonly items: readonly T[];
}

/** A page of an experiment's runs, with what was asked of each. */
interface RunsAnswer<T> {
  readonly experiment: { readonly runList: RunPage<T> } | null;
}

/** A point of an experiment, and what makes it differ from the others. */
export interface ExperimentPoint {
  readonly pointId: string;
  readonly pointIndex: number;
  readonly role: PointRole;
  readonly label: string;
  readonly axes: Readonly<Record<string, JsonValue>>;
}

export interface RunFilter {
  readonly state?: RunState;
  readonly pointId?: string;
}

export interface TradeoffPage {
  /** What points are compared with; their ideal twins by default. */
  readonly against?: ComparedWith | undefined;
  /** Rows that are left out before the first; none by default. */
  readonly offset?: number;
  /** Most rows; 100 by default. Of more than these, a lab refuses to compute every field. */
  readonly limit?: number;
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
  /** Those of this name, or whose id begins with it. */
  readonly find?: string;
}

/** How a data set is read, as options of a task; in colour and 28 pixels a side where they are left out. */
export type DatasetQuery = Readonly<Record<string, string | number | boolean | undefined>>;

export class LabClient {
  private readonly connection: LabConnection;

  /**
   * @param url address of the server, such as http://127.0.0.1:3000
   * @param token what the server tells its members by; none for a lab without accounts
   */
  constructor(
    readonly url: string,
    token?: string,
  ) {
    this.connection = new LabConnection(url, token);
  }

  /** Stores an experiment. @param specification YAML or JSON @throws RefusedError with every fault */
  async submit(specification: string, options: SubmitOptions = {}): Promise<ExperimentSummaryBody> {
    const { visibility, force, priority, tags = [], idempotencyKey } = options;
    const query = queryOf({ visibility, force, priority, tags: tags.length > 0 ? tags.join(',') : undefined });
    const headers = idempotencyKey === undefined ? {} : { 'Idempotency-Key': idempotencyKey };
    return this.connection.call(experimentSummarySchema, `/v1/experiments${query}`, { method: 'POST', headers, body: specification });
  }

  /** What a specification would run. @throws RefusedError with every fault */
  async preview(specification: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<ExperimentPreviewBody> {
    const asked = { method: 'POST', body: specification, ...(signal && { signal }) };
    return this.connection.call(experimentPreviewSchema, '/v1/experiments/preview', asked);
  }

  /** Names of the data sets that the lab has. */
  async datasets(): Promise<DatasetList> {
    return this.connection.call(datasetListSchema, '/v1/datasets');
  }

  /** What is read of a data set. @throws RefusedError when it cannot be read */
  async dataset(name: string, reading: DatasetQuery = {}): Promise<DatasetSummary> {
    return this.connection.call(datasetSummarySchema, `/v1/datasets/${encodeURIComponent(name)}${queryOf(reading)}`);
  }

  /** A PNG of images of a data set. @throws RefusedError when it cannot be read */
  async contactSheet(name: string, reading: DatasetQuery = {}): Promise<Uint8Array> {
    const path = `/v1/datasets/${encodeURIComponent(name)}/contact-sheet.png${queryOf(reading)}`;
    return this.bytes(path, 'image/png');
  }

  async experiment(id: string): Promise<ExperimentSummaryBody> {
    return this.connection.call(experimentSummarySchema, `/v1/experiments/${encodeURIComponent(id)}`);
  }

  /** With its normalised specification. */
  async specified(id: string): Promise<z.output<typeof experimentSchema>> {
    return this.connection.call(experimentSchema, `/v1/experiments/${encodeURIComponent(id)}`);
  }

  async experiments(limit: number, options: ListOptions = {}): Promise<z.output<typeof experimentPageSchema>> {
    return this.connection.call(experimentPageSchema, `/v1/experiments${queryOf({ limit, ...options })}`);
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
    return this.connection.call(experimentSummarySchema, `/v1/experiments/${encodeURIComponent(id)}`, jsonBody('PATCH', change));
  }

  async run(id: string): Promise<RunBody> {
    return this.connection.call(runSchema, `/v1/runs/${encodeURIComponent(id)}`);
  }

  /** Why a run is not running. */
  async why(runId: string): Promise<RunWhyBody> {
    return this.connection.call(runWhySchema, `/v1/runs/${encodeURIComponent(runId)}/why`);
  }

  /** Claims of a run by workers, oldest first. */
  async attempts(runId: string): Promise<RunAttemptBody[]> {
    return (await this.connection.call(runAttemptListSchema, `/v1/runs/${encodeURIComponent(runId)}/attempts`)).items;
  }

  /** Deletes a run that has ended, with its results. */
  async deleteRun(id: string): Promise<void> {
    await this.connection.delete(`/v1/runs/${encodeURIComponent(id)}`);
  }

  async whoami(): Promise<WhoamiBody> {
    return this.connection.call(whoamiSchema, '/v1/whoami');
  }

  /** One's own, newest first; for an admin everybody's. */
  async tokens(): Promise<TokenBody[]> {
    return (await this.connection.call(tokenListSchema, '/v1/tokens')).items;
  }

  /** The answer is the only one that has the token itself. */
  async createToken(token: NewTokenBody): Promise<IssuedTokenBody> {
    return this.connection.call(issuedTokenSchema, '/v1/tokens', jsonBody('POST', token));
  }

  /** With the tokens its member made with it. @param options keepMade: without those */
  async revokeToken(id: string, { keepMade }: { readonly keepMade?: boolean } = {}): Promise<void> {
    await this.connection.delete(`/v1/tokens/${encodeURIComponent(id)}${queryOf({ keepMade })}`);
  }

  async members(): Promise<MemberBody[]> {
    return (await this.connection.call(memberListSchema, '/v1/members')).items;
  }

  /** The answer is the only one that has the member's first token. */
  async addMember(name: string, role: MemberRole): Promise<AddedMemberBody> {
    return this.connection.call(addedMemberSchema, '/v1/members', jsonBody('POST', { name, role }));
  }

  /** A role, a cap on the member's runs that run at once (null: none), or both. */
  async changeMember(name: string, change: MemberChangeBody): Promise<MemberBody> {
    return this.connection.call(memberSchema, `/v1/members/${encodeURIComponent(name)}`, jsonBody('PATCH', change));
  }

  async removeMember(name: string): Promise<void> {
    await this.connection.delete(`/v1/members/${encodeURIComponent(name)}`);
  }

  /** What the lab takes on disk. */
  async disk(): Promise<DiskReportBody> {
    return this.connection.call(diskReportSchema, '/v1/disk');
  }

  /** Says how many bytes of parameters and last checkpoints the lab keeps; null: no limit. */
  async setDiskLimit(keptBytesLimit: number | null): Promise<DiskUsageBody> {
    return this.connection.call(diskUsageSchema, '/v1/disk', jsonBody('PATCH', { keptBytesLimit }));
  }

  /** What `prune` would take away. */
  async previewPrune(choice: PruneChoice): Promise<PrunedBody> {
    return this.connection.call(prunedSchema, '/v1/disk/prune/preview', jsonBody('POST', choice));
  }

  /** Takes parameters and checkpoints of ended experiments away, and says which. */
  async prune(choice: PruneChoice): Promise<PrunedBody> {
    return this.connection.call(prunedSchema, '/v1/disk/prune', jsonBody('POST', choice));
  }

  /** What was changed, newest first. */
  async audit(limit: number, after?: string): Promise<z.output<typeof auditPageSchema>> {
    return this.connection.call(auditPageSchema, `/v1/audit${queryOf({ limit, after })}`);
  }

  /**
   * With every row, asked for a page at a time.
   * @param against what points are compared with; their ideal twins by default @throws RefusedError when there is no such comparison
   */
  async tradeoff(experimentId: string, against?: ComparedWith): Promise<Tradeoff> {
    const first = await this.tradeoffPage(experimentId, { against });
    const rows = [...first.rows];
    for (let last = first; last.rows.length > 0 && rows.length < last.rowCount;) {
      last = await this.tradeoffPage(experimentId, { against, offset: rows.length });
      rows.push(...last.rows);
    }
    return { ...first, rowCount: rows.length, rows };
  }

  /** Some rows in the order of the points. @throws RefusedError when there is no such comparison */
  async tradeoffPage(experimentId: string, { against, offset = 0, limit = DEFAULT_TRADEOFF_ROWS }: TradeoffPage = {}): Promise<Tradeoff> {
    return this.tradeoffRows({ experimentId, against, offset, limit });
  }

  /** A page, with the rows of what its points are compared with behind it, where it has not got them. */
  async withTwins(page: Tradeoff): Promise<Tradeoff> {
    const there = new Set(page.rows.map(({ pointIndex }) => pointIndex));
    const points = [...new Set(page.rows.flatMap(({ twinPointIndex }) => twinPointIndex ?? []))].filter((index) => !there.has(index));
    if (points.length === 0) return page;
    const rows = [...page.rows];
    for (let from = 0; from < points.length; from += DEFAULT_TRADEOFF_ROWS) {
      const asked = { experimentId: page.experimentId, against: page.against, points: points.slice(from, from + DEFAULT_TRADEOFF_ROWS) };
      rows.push(...(await this.tradeoffRows(asked)).rows);
    }
    return { ...page, rows };
  }

  private async tradeoffRows(asked: Record<string, unknown>): Promise<Tradeoff> {
    const { tradeoff } = await this.connection.graphql(tradeoffAnswerSchema, TRADEOFF_QUERY, asked);
    return { ...tradeoff, rows: tradeoff.rows.map((row) => ({ ...row, axes: axesOf(row.axes) })) };
  }

  /** What has to be said of results that come from more than one arithmetic; null where there is one. */
  async arithmeticNote(experimentId: string): Promise<string | null> {
    const { experiment } = await this.connection.graphql(arithmeticNoteAnswerSchema, ARITHMETIC_NOTE_QUERY, { experimentId });
    return experiment?.arithmeticNote ?? null;
  }

  /** @param budget extra rounds as a share; 0.18 by default @throws RefusedError when it is no such share, or there is no such comparison */
  async claim(experimentId: string, budget?: number, against?: ComparedWith): Promise<GainClaim> {
    const first = await this.claimPage(experimentId, budget, { against });
    const rows = [...first.rows];
    for (let last = first; last.rows.length > 0 && rows.length < last.rowCount;) {
      last = await this.claimPage(experimentId, budget, { against, offset: rows.length });
      rows.push(...last.rows);
    }
    return { ...first, rowCount: rows.length, rows };
  }

  /** With some rows in the order of the points; verdict and sentence are of all. */
  async claimPage(experimentId: string, budget?: number, page: TradeoffPage = {}): Promise<GainClaim> {
    const { against, offset = 0, limit = DEFAULT_TRADEOFF_ROWS } = page;
    return (await this.connection.graphql(claimAnswerSchema, CLAIM_QUERY, { experimentId, budget, against, offset, limit })).claim;
  }

  /** @param points indices of points; by default the first ones with their twins */
  async learningCurves(experimentId: string, points?: readonly number[]): Promise<LearningCurves> {
    return (await this.connection.graphql(learningCurvesAnswerSchema, LEARNING_CURVES_QUERY, { experimentId, points })).learningCurves;
  }

  /** The points of an experiment in order. */
  async points(experimentId: string): Promise<readonly PointLabel[]> {
    const points: PointLabel[] = [];
    let after: string | null = null;
    do {
      const { experiment }: z.output<typeof pointLabelsAnswerSchema> = await this.connection.graphql(
        pointLabelsAnswerSchema,
        POINT_LABELS_QUERY,
        { experimentId, after },
      );
      points.push(...(experiment?.points.items ?? []));
      after = experiment?.points.nextCursor ?? null;
    } while (after !== null);
    return points;
  }

  /** The points of an experiment in order, with what makes them differ. */
  async describedPoints(experimentId: string): Promise<readonly ExperimentPoint[]> {
    const points: ExperimentPoint[] = [];
    let after: string | null = null;
    do {
      const { experiment }: z.output<typeof describedPointsAnswerSchema> = await this.connection.graphql(
        describedPointsAnswerSchema,
        DESCRIBED_POINTS_QUERY,
        { experimentId, after },
      );
      if (!experiment) throw new UnexpectedAnswerError(`there is no experiment ${experimentId}`);
      for (const { id, index, axes, ...point } of experiment.points.items)
        points.push({ ...point, pointId: id, pointIndex: index, axes: axesOf(axes) });
      after = experiment.points.nextCursor;
    } while (after !== null);
    return points;
  }

  /** A page of an experiment's runs in order. */
  async runPage(experimentId: string, filter: RunFilter = {}, after: string | null = null): Promise<RunPage<RunListItem>> {
    return this.pageOf(runRowsAnswerSchema, RUN_ROWS_QUERY, experimentId, { ...filter, after });
  }

  /** Every metric of a run over its evaluated rounds. */
  async metrics(runId: string): Promise<readonly MetricSeries[]> {
    return (await this.connection.graphql(runSeriesAnswerSchema, RUN_SERIES_QUERY, { runId })).run?.series ?? [];
  }

  /** Runs of an experiment in order, of one state or all, with how far they are. */
  async *runRows(experimentId: string, state?: RunState): AsyncGenerator<RunRow> {
    const points = new Map((await this.points(experimentId)).map((point) => [point.id, point]));
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

  private async *runs<T>(
    schema: z.ZodType<RunsAnswer<T>>,
    query: string,
    experimentId: string,
    filter: Record<string, unknown> = {},
  ): AsyncGenerator<T> {
    let after: string | null = null;
    let limit = RUN_PAGE;
    for (;;) {
      try {
        const page: RunPage<T> = await this.pageOf(schema, query, experimentId, { ...filter, after, limit });
        yield* page.items;
        if (page.nextCursor === null) return;
        after = page.nextCursor;
      } catch (error) {
        if (!isTooLarge(error) || limit === 1) throw error;
        limit = Math.ceil(limit / 2); // long runs: fewer of them make a page
      }
    }
  }

  private async pageOf<T>(
    schema: z.ZodType<RunsAnswer<T>>,
    query: string,
    experimentId: string,
    variables: Record<string, unknown>,
  ): Promise<RunPage<T>> {
    const { experiment } = await this.connection.graphql(schema, query, { ...variables, experimentId });
    if (!experiment) throw new UnexpectedAnswerError(`there is no experiment ${experimentId}`);
    return experiment.runList;
  }

  /** The trained parameters of a run, as a safetensors file. @throws RefusedError when there are none */
  async parameters(runId: string): Promise<Uint8Array> {
    return this.bytes(`/v1/runs/${encodeURIComponent(runId)}/parameters`, 'application/octet-stream');
  }

  private async bytes(path: string, type: string): Promise<Uint8Array> {
    const response = await this.connection.open(path, { headers: { Accept: type } });
    try {
      return new Uint8Array(await response.arrayBuffer());
    } catch (error) {
      throw new UnreachableError(this.url, error);
    }
  }

  /** Follows an experiment until it has ended. @throws UnreachableError when patience ran out, RefusedError when there is no such experiment */
  follow(id: string, options: FollowOptions = {}): AsyncGenerator<LiveItem> {
    return followExperiment(this.connection, id, options);
  }

  private async steer(id: string, deed: string, body?: unknown): Promise<ExperimentSummaryBody> {
    const init = body === undefined ? { method: 'POST' } : jsonBody('POST', body);
    return this.connection.call(experimentSummarySchema, `/v1/experiments/${encodeURIComponent(id)}/${deed}`, init);
  }
}

function axesOf(axes: readonly { readonly path: string; readonly value: JsonValue }[]): Readonly<Record<string, JsonValue>> {
  return Object.fromEntries(axes.map(({ path, value }) => [path, value]));
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
