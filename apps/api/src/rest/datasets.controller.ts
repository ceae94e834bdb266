import { Controller, Get, Inject, Param, Query, Res, StreamableFile } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiProduces, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { READING_THREADS } from '@airmeta/compute';
import type { DatasetReader } from '@airmeta/lab';
import { datasetListSchema, datasetSummarySchema, datasetTask, type DatasetList, type DatasetSummary, type TaskSpec } from '@airmeta/spec';
import type { Response } from 'express';
import { Performs } from '../access/performs.js';
import { currentSession } from '../access/session-context.js';
import { readFlag } from '../edge/flag.js';
import { memberKey, MemberQueue } from '../edge/member-queue.js';
import { BadRequestError, NotFoundError } from '../edge/problem.js';
import { untilGone } from '../edge/request-gone.js';
import { DATASETS } from '../tokens.js';
import { openApiSchema } from './bodies.js';
import { problem } from './documented.js';

type ReadingQuery = Readonly<Record<string, unknown>>;

/** How a query's text becomes an option. */
const READING: Readonly<Record<string, (text: string, name: string) => unknown>> = {
  family: (text) => text,
  ink: (text) => text,
  imageSize: wholeNumber,
  channels: wholeNumber,
  leastImages: wholeNumber,
  leastClasses: wholeNumber,
  invert: (text, name) => readFlag(name, text, false),
};

function wholeNumber(text: string, name: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new BadRequestError(`${name} must be a whole number, not ${JSON.stringify(text.slice(0, 100))}`);
}

const asRead = () => {
  const decorators = [
    ApiParam({ name: 'name', schema: { type: 'string' } }),
    ...Object.keys(READING).map((name) =>
      ApiQuery({
        name,
        required: false,
        schema: { type: 'string' },
        description: 'As the option of a task; by default images are read in colour, 28 pixels a side.',
      }),
    ),
    problem(404, 'There is no such data set.'),
    problem(422, 'It cannot be read, or not so: the sentence says why.'),
  ];
  return (target: object, key: string | symbol, descriptor: PropertyDescriptor) => {
    for (const decorate of decorators) decorate(target, key, descriptor);
  };
};

@ApiTags('datasets')
@Controller('v1/datasets')
export class DatasetsController {
  private readonly readings = new MemberQueue({ what: 'questions about data sets', atOnce: READING_THREADS, perMember: 2, waiting: 50 });

  constructor(@Inject(DATASETS) private readonly datasets: DatasetReader) {}

  @Performs('datasets:read')
  @Get()
  @ApiOperation({ summary: 'Names of the data sets there are' })
  @ApiResponse({ status: 200, schema: openApiSchema(datasetListSchema) })
  async list(): Promise<DatasetList> {
    return { items: (await this.datasets.names()).map((name) => ({ name })) };
  }

  @Performs('datasets:read')
  @Get(':name')
  @ApiOperation({ summary: 'What is read of a data set: classes, images, sizes, split, fingerprint, and files left out with reasons' })
  @asRead()
  @ApiResponse({ status: 200, schema: openApiSchema(datasetSummarySchema) })
  async find(
    @Param('name') name: string,
    @Query() query: ReadingQuery,
    @Res({ passthrough: true }) response: Response,
  ): Promise<DatasetSummary> {
    const task = await this.taskOf(name, query);
    return there(name, await this.inTurn(response, () => this.datasets.summaryOf(task)));
  }

  @Performs('datasets:read')
  @Get(':name/contact-sheet.png')
  @ApiOperation({ summary: 'Images of a data set’s classes, as a model sees them' })
  @asRead()
  @ApiProduces('image/png')
  @ApiResponse({ status: 200, content: { 'image/png': { schema: { type: 'string', format: 'binary' } } } })
  async contactSheet(
    @Param('name') name: string,
    @Query() query: ReadingQuery,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StreamableFile> {
    const task = await this.taskOf(name, query);
    const sheet = await this.inTurn(response, () => this.datasets.contactSheetOf(task));
    return new StreamableFile(there(name, sheet), { type: 'image/png' });
  }

  /** Members take turns at the threads that read data sets, so that all of one member's leave some for the others. */
  private inTurn<T>(response: Response, work: () => Promise<T>): Promise<T> {
    return this.readings.run(memberKey(currentSession().caller), work, untilGone(response));
  }

  /** @throws NotFoundError when there is no such data set, before anything is read */
  private async taskOf(name: string, query: ReadingQuery): Promise<TaskSpec> {
    const options = Object.fromEntries(
      Object.entries(query).map(([key, value]) => {
        if (!Object.hasOwn(READING, key))
          throw new BadRequestError(`there is no option ${key.slice(0, 100)}; there are ${Object.keys(READING).join(', ')}`);
        if (typeof value !== 'string') throw new BadRequestError(`${key} must be given once`);
        return [key, READING[key](value, key)];
      }),
    );
    if (!(await this.datasets.names()).includes(name)) throw new NotFoundError('dataset', name.slice(0, 100));
    return datasetTask(name, options);
  }
}

/** A task that reads a data set always has an answer. */
function there<Answer>(name: string, answer: Answer | null): Answer {
  if (answer === null) throw new NotFoundError('dataset', name);
  return answer;
}
