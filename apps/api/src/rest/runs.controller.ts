import { Controller, Get, Inject, Param, Res, StreamableFile } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Persistence } from '@airmeta/persistence';
import { problemSchema, writeParameterFile } from '@airmeta/spec';
import type { Response } from 'express';
import { Performs } from '../access/performs.js';
import { NotFoundError } from '../edge/problem.js';
import { requireId } from '../edge/uuid.js';
import { PERSISTENCE } from '../tokens.js';
import { openApiSchema } from './bodies.js';

@ApiTags('runs')
@Controller('v1/runs')
export class RunsController {
  constructor(@Inject(PERSISTENCE) private readonly persistence: Persistence) {}

  @Performs('experiments:read')
  @Get(':id/parameters')
  @ApiOperation({ summary: 'Trained parameters of a run that has completed or diverged, as a safetensors file' })
  @ApiParam({ name: 'id', schema: { type: 'string', format: 'uuid' } })
  @ApiProduces('application/octet-stream')
  @ApiResponse({ status: 200, content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } } })
  @ApiResponse({
    status: 404,
    description: 'There is no such run, it has not ended, or its parameters were too many to be kept.',
    content: { 'application/problem+json': { schema: openApiSchema(problemSchema) } },
  })
  async parameters(@Param('id') id: string, @Res({ passthrough: true }) response: Response): Promise<StreamableFile> {
    const runId = requireId('run', id);
    const kept = await this.persistence.experiments.parameters(runId);
    if (!kept) {
      const run = await this.persistence.experiments.findRun(runId);
      if (!run) throw new NotFoundError('run', runId);
      throw new NotFoundError(
        'parameters',
        `of run ${runId}: it is ${run.state}${hasResult(run.state) ? ', and they were too many to be kept' : ''}`,
      );
    }
    response.setHeader('Content-Disposition', `attachment; filename="${runId}.safetensors"`);
    return new StreamableFile(writeParameterFile(kept.origin, kept.tensors, kept.parameters), { type: 'application/octet-stream' });
  }
}

function hasResult(state: string): boolean {
  return state === 'completed' || state === 'diverged';
}
