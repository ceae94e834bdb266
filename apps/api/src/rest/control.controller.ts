import { Body, Controller, HttpCode, Inject, Param, Patch, Post, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import {
  cancelExperiment,
  changeExperiment,
  extendExperiment,
  pauseExperiment,
  resumeExperiment,
  retryFailedRuns,
  stopExperiment,
  type DatasetInspector,
  type ExperimentSummary,
} from '@airmeta/lab';
import type { Persistence } from '@airmeta/persistence';
import { experimentChangeSchema, experimentSummarySchema, extensionSchema, retrySchema, type ExperimentSummaryBody } from '@airmeta/spec';
import type { Response } from 'express';
import { Performs } from '../access/performs.js';
import { currentSession } from '../access/session-context.js';
import { Dispatcher } from '../dispatcher.js';
import { NotFoundError } from '../edge/problem.js';
import { untilGone } from '../edge/request-gone.js';
import { requireId } from '../edge/uuid.js';
import { Specifications } from '../specifications.js';
import { DATASETS, PERSISTENCE } from '../tokens.js';
import { openApiSchema, summaryBody } from './bodies.js';
import { idParam, problem } from './documented.js';
import { readJsonBody, readOptionalJsonBody } from './json-body.js';

const summary = () => ApiResponse({ status: 200, schema: openApiSchema(experimentSummarySchema) });
const unknown = () => problem(404, 'There is no such experiment.');

/** Steering an experiment: for its owner and admins. */
@ApiTags('experiments')
@Controller('v1/experiments')
export class ControlController {
  constructor(
    @Inject(PERSISTENCE) private readonly persistence: Persistence,
    @Inject(DATASETS) private readonly datasets: DatasetInspector,
    @Inject(Specifications) private readonly specifications: Specifications,
    @Inject(Dispatcher) private readonly dispatcher: Dispatcher,
  ) {}

  @Performs('experiments:change')
  @Patch(':id')
  @ApiOperation({ summary: 'Change who sees an experiment, its priority, tags, notes, and whether it is archived' })
  @idParam()
  @ApiConsumes('application/json')
  @ApiBody({ schema: openApiSchema(experimentChangeSchema, 'input') })
  @summary()
  @unknown()
  async change(@Param('id') id: string, @Body() body: unknown): Promise<ExperimentSummaryBody> {
    const change = readJsonBody(experimentChangeSchema, body);
    return this.done(id, changeExperiment(requireId('experiment', id), change, this.caller, this.persistence.experiments));
  }

  @Performs('experiments:cancel')
  @Post(':id/cancel')
  @HttpCode(200)
  @ApiOperation({ summary: 'Cancel: queued runs at once, running ones as their workers let go' })
  @idParam()
  @summary()
  @unknown()
  async cancel(@Param('id') id: string): Promise<ExperimentSummaryBody> {
    return this.done(id, cancelExperiment(requireId('experiment', id), this.caller, this.persistence.experiments));
  }

  @Performs('experiments:pause')
  @Post(':id/pause')
  @HttpCode(200)
  @ApiOperation({ summary: 'Pause: no run starts, and running ones are given back with a checkpoint' })
  @idParam()
  @summary()
  @unknown()
  @problem(409, 'It has ended, or is ending.')
  async pause(@Param('id') id: string): Promise<ExperimentSummaryBody> {
    return this.done(id, pauseExperiment(requireId('experiment', id), this.caller, this.persistence.experiments));
  }

  @Performs('experiments:resume')
  @Post(':id/resume')
  @HttpCode(200)
  @ApiOperation({ summary: 'Make it whole: lift what holds or ends it, and queue every run that has no result, deleted ones included' })
  @idParam()
  @summary()
  @unknown()
  @problem(409, 'It has used up its compute time, or its images are not those it began with.')
  async resume(@Param('id') id: string): Promise<ExperimentSummaryBody> {
    return this.done(id, resumeExperiment(requireId('experiment', id), this.caller, this.stores));
  }

  @Performs('experiments:stop')
  @Post(':id/stop')
  @HttpCode(200)
  @ApiOperation({ summary: 'Stop: queued runs are cancelled, running ones go on to their end' })
  @idParam()
  @summary()
  @unknown()
  @problem(409, 'It has ended.')
  async stop(@Param('id') id: string): Promise<ExperimentSummaryBody> {
    return this.done(id, stopExperiment(requireId('experiment', id), this.caller, this.persistence.experiments));
  }

  @Performs('experiments:retry')
  @Post(':id/retry')
  @HttpCode(200)
  @ApiOperation({ summary: 'Queue failed runs again' })
  @idParam()
  @ApiConsumes('application/json')
  @ApiBody({ required: false, schema: openApiSchema(retrySchema, 'input') })
  @summary()
  @unknown()
  @problem(409, 'It was stopped or cancelled: resume it. Or its images are not those it began with.')
  async retry(@Param('id') id: string, @Body() body: unknown): Promise<ExperimentSummaryBody> {
    const options = readOptionalJsonBody(retrySchema, body);
    return this.done(id, retryFailedRuns(requireId('experiment', id), options, this.caller, this.stores));
  }

  @Performs('experiments:extend')
  @Post(':id/extend')
  @HttpCode(200)
  @ApiOperation({
    summary: 'More replicates, rounds or values of the sweep; what has been computed stays, longer runs go on where they ended',
  })
  @idParam()
  @ApiConsumes('application/json')
  @ApiBody({ schema: openApiSchema(extensionSchema, 'input') })
  @summary()
  @unknown()
  @problem(409, 'It was stopped or cancelled, somebody else extended it meanwhile, or its images are not those it began with.')
  @problem(422, 'The extension has faults; nothing was written.')
  async extend(
    @Param('id') id: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ExperimentSummaryBody> {
    const extension = readJsonBody(extensionSchema, body);
    const gone = untilGone(response);
    const ports = {
      specifications: this.specifications.readerFor(this.caller, gone),
      datasets: this.datasets,
      experiments: this.specifications.storeFor(this.caller, gone, this.persistence.experiments),
    };
    return this.done(id, extendExperiment(requireId('experiment', id), extension, this.caller, ports));
  }

  private get caller() {
    return currentSession().caller;
  }

  private get stores() {
    return { experiments: this.persistence.experiments, datasets: this.datasets };
  }

  /** Runs may start now that could not before, or slots be free. */
  private async done(id: string, deed: Promise<ExperimentSummary | undefined>): Promise<ExperimentSummaryBody> {
    const changed = await deed;
    if (!changed) throw new NotFoundError('experiment', id);
    this.dispatcher.wake();
    return summaryBody(changed);
  }
}
