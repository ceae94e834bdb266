import {
  Body,
  Controller,
  Get,
  Headers,
  HttpCode,
  Inject,
  Param,
  Post,
  Query,
  Res,
  Sse,
  StreamableFile,
  type MessageEvent,
} from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiHeader, ApiOperation, ApiProduces, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { checkData, submitExperiment, summarizeDatasets, type DatasetInspector, type DatasetReader } from '@airmeta/lab';
import type { Persistence } from '@airmeta/persistence';
import {
  ARCHIVE_FILTERS,
  experimentJsonSchema,
  experimentPageSchema,
  experimentPreviewSchema,
  experimentSchema,
  experimentSummarySchema,
  MAX_PRIORITY,
  VISIBILITIES,
  type ExperimentSummaryBody,
} from '@airmeta/spec';
import type { Response } from 'express';
import { map, NEVER, takeUntil, timer, type Observable } from 'rxjs';
import { Performs } from '../access/performs.js';
import { currentSession } from '../access/session-context.js';
import { Dispatcher } from '../dispatcher.js';
import { readExperimentFilter } from '../edge/experiment-filter.js';
import { readFlag } from '../edge/flag.js';
import { readPage } from '../edge/page.js';
import { BadRequestError, NotFoundError } from '../edge/problem.js';
import { untilGone } from '../edge/request-gone.js';
import { requireId } from '../edge/uuid.js';
import { ExperimentFeed } from '../experiment-feed.js';
import { Specifications } from '../specifications.js';
import { DATASETS, PERSISTENCE } from '../tokens.js';
import { eventBody, experimentBody, openApiSchema, summaryBody } from './bodies.js';
import { idParam, problem } from './documented.js';
import { readIdempotencyKey, readSubmissionOptions } from './submission.js';

/** Whoever watches longer connects again, with a token that is looked at again. */
const LIVE_VIEW_MS = 5 * 60_000;

const SPECIFICATION = { description: 'The specification, as YAML or JSON.', schema: experimentJsonSchema() };

@ApiTags('experiments')
@Controller('v1')
export class ExperimentsController {
  constructor(
    @Inject(PERSISTENCE) private readonly persistence: Persistence,
    @Inject(DATASETS) private readonly datasets: DatasetInspector & DatasetReader,
    @Inject(Specifications) private readonly specifications: Specifications,
    @Inject(Dispatcher) private readonly dispatcher: Dispatcher,
    @Inject(ExperimentFeed) private readonly feed: ExperimentFeed,
  ) {}

  @Performs('experiments:submit')
  @Post('experiments')
  @HttpCode(201)
  @ApiOperation({ summary: 'Submit an experiment' })
  @ApiConsumes('application/yaml', 'application/json')
  @ApiBody(SPECIFICATION)
  @ApiQuery({ name: 'visibility', required: false, schema: { type: 'string', enum: [...VISIBILITIES], default: 'lab' } })
  @ApiQuery({
    name: 'force',
    required: false,
    schema: { type: 'boolean', default: false },
    description: 'Compute again what has been computed.',
  })
  @ApiQuery({
    name: 'priority',
    required: false,
    schema: { type: 'integer', minimum: -MAX_PRIORITY, maximum: MAX_PRIORITY, default: 0 },
    description: 'Among your own experiments; higher goes first.',
  })
  @ApiQuery({ name: 'tags', required: false, schema: { type: 'string' }, description: 'Separated by commas.' })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description:
      'Of your requests with the same key, the first creates the experiment and the others get it, with Idempotency-Replayed: true. ' +
      'For a request that may have to be sent again; 1 to 255 visible ASCII characters.',
  })
  @ApiResponse({ status: 201, description: 'Stored; its runs are queued.', schema: openApiSchema(experimentSummarySchema) })
  @problem(422, 'The specification has faults, or the idempotency key was used for another request; nothing was written.')
  async create(
    @Body() body: unknown,
    @Res({ passthrough: true }) response: Response,
    @Query() query: Readonly<Record<string, unknown>>,
    @Headers('Idempotency-Key') key?: string,
  ): Promise<ExperimentSummaryBody> {
    const text = textOf(body);
    const options = readSubmissionOptions(query);
    const idempotency = readIdempotencyKey(key, text, options);
    const { caller } = currentSession();
    const gone = untilGone(response);
    const ports = {
      specifications: this.specifications.readerFor(caller, gone),
      datasets: this.datasets,
      experiments: this.specifications.storeFor(caller, gone, this.persistence.experiments),
    };
    const { summary, replayed } = await submitExperiment(text, ports, { ...options, ...(idempotency ? { idempotency } : {}) });
    this.dispatcher.wake();
    response.setHeader('Location', `/v1/experiments/${summary.id}`);
    if (replayed) response.setHeader('Idempotency-Replayed', 'true');
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
  async preview(@Body() body: unknown, @Res({ passthrough: true }) response: Response): Promise<StreamableFile> {
    const specifications = this.specifications.readerFor(currentSession().caller, untilGone(response));
    const { preview, needs, tasks } = await specifications.preview(textOf(body));
    await checkData(needs, this.datasets);
    return new StreamableFile(withMember(preview, 'datasets', await summarizeDatasets(tasks, this.datasets)), { type: JSON_TYPE });
  }

  @Performs('experiments:read')
  @Get('experiments')
  @ApiOperation({ summary: 'List experiments, newest first' })
  @ApiQuery({ name: 'limit', required: false, schema: { type: 'integer', minimum: 1, maximum: 200, default: 50 } })
  @ApiQuery({ name: 'after', required: false, description: 'nextCursor of the page before' })
  @ApiQuery({ name: 'archive', required: false, schema: { type: 'string', enum: [...ARCHIVE_FILTERS], default: 'current' } })
  @ApiQuery({ name: 'tag', required: false, description: 'Only those with this tag.' })
  @ApiQuery({
    name: 'find',
    required: false,
    description: 'Only those of this name, or whose id begins with it (four characters or more).',
  })
  @ApiResponse({ status: 200, schema: openApiSchema(experimentPageSchema) })
  async list(
    @Query('limit') limit?: string,
    @Query('after') after?: string,
    @Query('archive') archive?: string,
    @Query('tag') tag?: string,
    @Query('find') reference?: string,
  ): Promise<{ items: ExperimentSummaryBody[]; nextCursor: string | null }> {
    const page = await this.persistence.experiments.list(readPage(limit, after), readExperimentFilter(archive, tag, reference));
    return { items: page.items.map(summaryBody), nextCursor: page.nextCursor };
  }

  @Performs('experiments:read')
  @Get('experiments/:id')
  @ApiOperation({ summary: 'One experiment with its normalised specification' })
  @idParam()
  @ApiResponse({ status: 200, schema: openApiSchema(experimentSchema) })
  @problem(404, 'There is no such experiment.')
  async find(@Param('id') id: string): Promise<ReturnType<typeof experimentBody>> {
    const experiment = await this.persistence.experiments.find(requireId('experiment', id));
    if (!experiment) throw new NotFoundError('experiment', id);
    return experimentBody(experiment);
  }

  @Performs('experiments:read')
  @Sse('experiments/:id/events')
  @ApiOperation({ summary: 'Live events (server-sent), numbered 1, 2, 3, ...; resume with Last-Event-ID' })
  @idParam()
  @ApiHeader({ name: 'Last-Event-ID', required: false, description: 'Events after this number; all of them by default.' })
  @ApiQuery({ name: 'events', required: false, schema: { type: 'boolean', default: true }, description: 'false: progress only.' })
  @ApiProduces('text/event-stream')
  @problem(404, 'There is no such experiment.')
  async events(
    @Param('id') id: string,
    @Query('events') events?: string,
    @Headers('Last-Event-ID') lastEventId?: string,
  ): Promise<Observable<MessageEvent>> {
    const experiment = await this.persistence.experiments.find(requireId('experiment', id));
    if (!experiment) throw new NotFoundError('experiment', id);
    const after = lastEventId ? Number(lastEventId) : 0;
    if (!Number.isSafeInteger(after) || after < 0)
      throw new BadRequestError(`Last-Event-ID must be the number of an event, not "${lastEventId}"`);
    const withEvents = readFlag('events', events, true);
    if (withEvents && after > 0 && (await this.persistence.events.eventsAfter(id, after - 1, 1)).length === 0)
      throw new BadRequestError(`Last-Event-ID is ${after}, and this experiment has no such event yet; without it, all of them are given`);
    const { caller } = currentSession();
    return this.feed.follow(id, withEvents ? after : undefined, caller).pipe(
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

/** The text parser leaves an empty object where there was no body. */
function textOf(body: unknown): string {
  return typeof body === 'string' ? body : '';
}

const JSON_TYPE = 'application/json; charset=utf-8';

/** A JSON object with one member more; it has others. */
function withMember(object: Uint8Array, name: string, value: unknown): Buffer {
  return Buffer.concat([object.subarray(0, -1), Buffer.from(`,"${name}":${JSON.stringify(value)}}`)]);
}
