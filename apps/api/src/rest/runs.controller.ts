import { Controller, Delete, Get, HttpCode, Inject, Param, Res, StreamableFile } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import { deleteRun, explainWait, MAX_ATTEMPTS, type Run } from '@airmeta/lab';
import type { Persistence } from '@airmeta/persistence';
import {
  runAttemptListSchema,
  runSchema,
  runWhySchema,
  writeParameterFile,
  type RunAttemptBody,
  type RunBody,
  type RunWhyBody,
} from '@airmeta/spec';
import type { Response } from 'express';
import { Performs } from '../access/performs.js';
import { currentSession } from '../access/session-context.js';
import { NotFoundError } from '../edge/problem.js';
import { requireId } from '../edge/uuid.js';
import { PERSISTENCE } from '../tokens.js';
import { attemptBody, openApiSchema, runBody } from './bodies.js';
import { idParam, problem } from './documented.js';

const unknown = () => problem(404, 'There is no such run.');

@ApiTags('runs')
@Controller('v1/runs')
export class RunsController {
  constructor(@Inject(PERSISTENCE) private readonly persistence: Persistence) {}

  @Performs('experiments:read')
  @Get(':id')
  @ApiOperation({ summary: 'One run' })
  @idParam()
  @ApiResponse({ status: 200, schema: openApiSchema(runSchema) })
  @unknown()
  async find(@Param('id') id: string): Promise<RunBody> {
    return runBody(await this.run(id));
  }

  @Performs('runs:delete')
  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete a run that has ended, with its results; resuming its experiment computes it anew' })
  @idParam()
  @ApiResponse({ status: 204 })
  @unknown()
  @problem(409, 'It is queued or running.')
  async delete(@Param('id') id: string): Promise<void> {
    const deleted = await deleteRun(requireId('run', id), currentSession().caller, this.persistence.experiments);
    if (!deleted) throw new NotFoundError('run', id);
  }

  @Performs('experiments:read')
  @Get(':id/why')
  @ApiOperation({ summary: 'Why a run is not running: its place in line, who is ahead, caps, and what holds it' })
  @idParam()
  @ApiResponse({ status: 200, schema: openApiSchema(runWhySchema) })
  @unknown()
  async why(@Param('id') id: string): Promise<RunWhyBody> {
    const wait = await this.persistence.experiments.waitOf(requireId('run', id));
    if (!wait) throw new NotFoundError('run', id);
    return explainWait(wait);
  }

  @Performs('experiments:read')
  @Get(':id/attempts')
  @ApiOperation({ summary: 'Every claim of a run by a worker and what became of it, oldest first; the last 1000 of more' })
  @idParam()
  @ApiResponse({ status: 200, schema: openApiSchema(runAttemptListSchema) })
  @unknown()
  async attempts(@Param('id') id: string): Promise<{ items: RunAttemptBody[] }> {
    const run = await this.run(id);
    return { items: (await this.persistence.experiments.attempts(run.id, MAX_ATTEMPTS)).map(attemptBody) };
  }

  @Performs('experiments:read')
  @Get(':id/parameters')
  @ApiOperation({ summary: 'Trained parameters of a run that has completed or diverged, as a safetensors file' })
  @idParam()
  @ApiProduces('application/octet-stream')
  @ApiResponse({ status: 200, content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } } })
  @problem(404, 'There is no such run, it has not ended, or its parameters were too many to be kept.')
  @problem(500, 'They are not what was stored: their checksum does not match.')
  async parameters(@Param('id') id: string, @Res({ passthrough: true }) response: Response): Promise<StreamableFile> {
    const runId = requireId('run', id);
    const kept = await this.persistence.experiments.parameters(runId);
    if (!kept) {
      const run = await this.run(runId);
      throw new NotFoundError(
        'parameters',
        `of run ${runId}: it is ${run.state}${hasResult(run.state) ? ', and they were too many to be kept' : ''}`,
      );
    }
    response.setHeader('Content-Disposition', `attachment; filename="${runId}.safetensors"`);
    return new StreamableFile(writeParameterFile(kept.origin, kept.tensors, kept.parameters), { type: 'application/octet-stream' });
  }

  private async run(id: string): Promise<Run> {
    const run = await this.persistence.experiments.findRun(requireId('run', id));
    if (!run) throw new NotFoundError('run', id);
    return run;
  }
}

function hasResult(state: string): boolean {
  return state === 'completed' || state === 'diverged';
}
