import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Patch, Post, Query, Res, Sse, type MessageEvent } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiHeader, ApiOperation, ApiParam, ApiProduces, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import {
  cancelExperiment,
  changeVisibility,
  checkExperiment,
  previewExperiment,
  submitExperiment,
  type DatasetInspector,
} from '@airmeta/lab';
import type { Persistence } from '@airmeta/persistence';
import {
  experimentChangeSchema,
  experimentJsonSchema,
  experimentPageSchema,
  experimentPreviewSchema,
  experimentSchema,
  experimentSummarySchema,
  problemSchema,
  readSpecificationText,
  VISIBILITIES,
  type ExperimentPreviewBody,
  type ExperimentSummaryBody,
  type Visibility,
} from '@airmeta/spec';
import type { Response } from 'express';
import { map, NEVER, takeUntil, timer, type Observable } from 'rxjs';
import { Performs } from '../access/performs.js';
import { currentSession } from '../access/session-context.js';
import { Dispatcher } from '../dispatcher.js';
import { readPage } from '../edge/page.js';
import { BadRequestError, NotFoundError } from '../edge/problem.js';
import { requireId } from '../edge/uuid.js';
import { ExperimentFeed } from '../experiment-feed.js';
import { SubmissionTrace } from '../operations/submission-trace.js';
import { DATASETS, PERSISTENCE } from '../tokens.js';
import { eventBody, experimentBody, openApiSchema, summaryBody } from './bodies.js';
import { readJsonBody } from './json-body.js';

/** Whoever watches longer connects again, with a token that is looked at again. */
const LIVE_VIEW_MS = 5 * 60_000;

const SPECIFICATION = { description: 'The specification, as YAML or JSON.', schema: experimentJsonSchema() };
const problem = (status: number, description: string) =>
  ApiResponse({ status, description, content: { 'application/problem+json': { schema: openApiSchema(problemSchema) } } });

@ApiTags('experiments')
@Controller('v1')
export class ExperimentsController {
  constructor(
    @Inject(PERSISTENCE) private readonly persistence: Persistence,
    @Inject(DATASETS) private readonly datasets: DatasetInspector,
    @Inject(Dispatcher) private readonly dispatcher: Dispatcher,
    @Inject(ExperimentFeed) private readonly feed: ExperimentFeed,
    @Inject(SubmissionTrace) private readonly trace: SubmissionTrace,
  ) {}

  @Performs('experiments:submit')
  @Post('experiments')
  @HttpCode(201)
  @ApiOperation({ summary: 'Submit an experiment' })
  @ApiConsumes('application/yaml', 'application/json')
  @ApiBody(SPECIFICATION)
  @ApiQuery({ name: 'visibility', required: false, schema: { type: 'string', enum: [...VISIBILITIES], default: 'lab' } })
  @ApiResponse({ status: 201, description: 'Stored; its runs are queued.', schema: openApiSchema(experimentSummarySchema) })
  @problem(422, 'The specification has faults; nothing was written.')
  async create(
    @Body() body: unknown,
    @Res({ passthrough: true }) response: Response,
    @Query('visibility') visibility?: string,
  ): Promise<ExperimentSummaryBody> {
    const seenBy = readVisibility(visibility);
    const document = readSpecificationText(textOf(body));
    const stores = { experiments: this.persistence.experiments, datasets: this.datasets };
    const summary = await submitExperiment(document, stores, seenBy);
    await this.trace.keep(summary.id);
    this.dispatcher.wake();
    response.setHeader('Location', `/v1/experiments/${summary.id}`);
    return summaryBody(summary);
  }

  @Performs('experiments:preview')
  @Post('experiments/preview')
  @HttpCode(200)
  @ApiOperation({ summary: 'Count what an experiment would run; nothing is written' })
  @ApiConsumes('application/yaml', 'application/json')
  @ApiBody(SPECIFICATION)
  @ApiResponse({ status: 200, schema: openApiSchema(experimentPreviewSchema) })
  @problem(422, 'The specification has faults.')
  async preview(@Body() body: unknown): Promise<ExperimentPreviewBody> {
    const expanded = await checkExperiment(readSpecificationText(textOf(body)), this.datasets);
    const preview = previewExperiment(expanded);
    return { ...preview, points: preview.points.map((point) => ({ ...point, axes: { ...point.axes } })) };
  }

  @Performs('experiments:read')
  @Get('experiments')
  @ApiOperation({ summary: 'List experiments, newest first' })
  @ApiQuery({ name: 'limit', required: false, schema: { type: 'integer', minimum: 1, maximum: 200, default: 50 } })
  @ApiQuery({ name: 'after', required: false, description: 'nextCursor of the page before' })
  @ApiResponse({ status: 200, schema: openApiSchema(experimentPageSchema) })
  async list(
    @Query('limit') limit?: string,
    @Query('after') after?: string,
  ): Promise<{ items: ExperimentSummaryBody[]; nextCursor: string | null }> {
    const page = await this.persistence.experiments.list(readPage(limit, after));
    return { items: page.items.map(summaryBody), nextCursor: page.nextCursor };
  }

  @Performs('experiments:read')
  @Get('experiments/:id')
  @ApiOperation({ summary: 'One experiment with its normalised specification' })
  @ApiParam({ name: 'id', schema: { type: 'string', format: 'uuid' } })
  @ApiResponse({ status: 200, schema: openApiSchema(experimentSchema) })
  @problem(404, 'There is no such experiment.')
  async find(@Param('id') id: string): Promise<ReturnType<typeof experimentBody>> {
    const experiment = await this.persistence.experiments.find(requireId('experiment', id));
    if (!experiment) throw new NotFoundError('experiment', id);
    return experimentBody(experiment);
  }

  @Performs('experiments:set-visibility')
  @Patch('experiments/:id')
  @ApiOperation({ summary: 'Change who sees an experiment' })
  @ApiParam({ name: 'id', schema: { type: 'string', format: 'uuid' } })
  @ApiConsumes('application/json')
  @ApiBody({ schema: openApiSchema(experimentChangeSchema) })
  @ApiResponse({ status: 200, schema: openApiSchema(experimentSummarySchema) })
  @problem(404, 'There is no such experiment.')
  async change(@Param('id') id: string, @Body() body: unknown): Promise<ExperimentSummaryBody> {
    const { visibility } = readJsonBody(experimentChangeSchema, body);
    const { caller } = currentSession();
    const summary = await changeVisibility(requireId('experiment', id), visibility, caller, this.persistence.experiments);
    if (!summary) throw new NotFoundError('experiment', id);
    return summaryBody(summary);
  }

  @Performs('experiments:cancel')
  @Post('experiments/:id/cancel')
  @HttpCode(200)
  @ApiOperation({ summary: 'Cancel: queued runs at once, running ones as their workers let go' })
  @ApiParam({ name: 'id', schema: { type: 'string', format: 'uuid' } })
  @ApiResponse({ status: 200, schema: openApiSchema(experimentSummarySchema) })
  @problem(404, 'There is no such experiment.')
  async cancel(@Param('id') id: string): Promise<ExperimentSummaryBody> {
    const summary = await cancelExperiment(requireId('experiment', id), currentSession().caller, this.persistence.experiments);
    if (!summary) throw new NotFoundError('experiment', id);
    this.dispatcher.wake();
    return summaryBody(summary);
  }

  @Performs('experiments:read')
  @Sse('experiments/:id/events')
  @ApiOperation({ summary: 'Live events (server-sent), numbered 1, 2, 3, ...; resume with Last-Event-ID' })
  @ApiParam({ name: 'id', schema: { type: 'string', format: 'uuid' } })
  @ApiHeader({ name: 'Last-Event-ID', required: false, description: 'Events after this number; all of them by default.' })
  @ApiProduces('text/event-stream')
  @problem(404, 'There is no such experiment.')
  async events(@Param('id') id: string, @Headers('last-event-id') lastEventId?: string): Promise<Observable<MessageEvent>> {
    const experiment = await this.persistence.experiments.find(requireId('experiment', id));
    if (!experiment) throw new NotFoundError('experiment', id);
    const after = lastEventId ? Number(lastEventId) : 0;
    if (!Number.isSafeInteger(after) || after < 0)
      throw new BadRequestError(`Last-Event-ID must be the number of an event, not "${lastEventId}"`);
    const { caller } = currentSession();
    return this.feed.follow(id, after, caller).pipe(
      takeUntil(caller.token ? timer(LIVE_VIEW_MS) : NEVER),
      map((item): MessageEvent =>
        item.kind === 'event'
          ? { id: String(item.event.sequence), type: item.event.type, data: eventBody(item.event) }
          : { id: String(item.sequence), type: 'progress', data: summaryBody(item.summary) },
      ),
    );
  }

  @Performs('schemas:read')
  @Get('schemas/experiment')
  @ApiOperation({ summary: 'JSON Schema of a specification' })
  schema(): Record<string, unknown> {
    return experimentJsonSchema();
  }
}

function readVisibility(text: string | undefined): Visibility {
  const visibility = VISIBILITIES.find((name) => name === (text ?? 'lab'));
  if (!visibility) throw new BadRequestError(`visibility must be one of ${VISIBILITIES.join(', ')}, not "${text}"`);
  return visibility;
}

/** The text parser leaves an empty object where there was no body. */
function textOf(body: unknown): string {
  return typeof body === 'string' ? body : '';
}
