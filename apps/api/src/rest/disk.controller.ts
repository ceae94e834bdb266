import { Body, Controller, Get, HttpCode, Inject, Patch, Post } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { diskWarnings } from '@airmeta/lab';
import type { Persistence } from '@airmeta/persistence';
import {
  diskLimitSchema,
  diskReportSchema,
  diskUsageSchema,
  pruneChoiceSchema,
  prunedSchema,
  type DiskReportBody,
  type DiskUsageBody,
  type PrunedBody,
} from '@airmeta/spec';
import { Performs } from '../access/performs.js';
import { currentSession } from '../access/session-context.js';
import { WHOLE_PERSISTENCE } from '../tokens.js';
import { openApiSchema } from './bodies.js';
import { readJsonBody } from './json-body.js';

/** What the lab takes on disk, for admins. */
@ApiTags('operations')
@Controller('v1/disk')
export class DiskController {
  constructor(@Inject(WHOLE_PERSISTENCE) private readonly persistence: Persistence) {}

  @Performs('disk:read')
  @Get()
  @ApiOperation({ summary: 'What takes how much of the lab’s database, and whose it is' })
  @ApiResponse({ status: 200, schema: openApiSchema(diskReportSchema) })
  async report(): Promise<DiskReportBody> {
    const report = await this.persistence.disk.report();
    return { ...report, warnings: diskWarnings(report) };
  }

  @Performs('disk:set-limit')
  @Patch()
  @ApiOperation({ summary: 'Say how much of parameters and last checkpoints the lab keeps' })
  @ApiConsumes('application/json')
  @ApiBody({ schema: openApiSchema(diskLimitSchema, 'input') })
  @ApiResponse({ status: 200, schema: openApiSchema(diskUsageSchema) })
  async setLimit(@Body() body: unknown): Promise<DiskUsageBody> {
    const { keptBytesLimit } = readJsonBody(diskLimitSchema, body);
    const usage = await this.persistence.disk.setLimit(currentSession(), keptBytesLimit);
    return { ...usage, warnings: diskWarnings(usage) };
  }

  @Performs('disk:read')
  @Post('prune/preview')
  @HttpCode(200)
  @ApiOperation({ summary: 'Say what pruning would take away; nothing is' })
  @ApiConsumes('application/json')
  @ApiBody({ schema: openApiSchema(pruneChoiceSchema, 'input') })
  @ApiResponse({ status: 200, schema: openApiSchema(prunedSchema) })
  async preview(@Body() body: unknown): Promise<PrunedBody> {
    return this.persistence.disk.choose(readJsonBody(pruneChoiceSchema, body));
  }

  @Performs('disk:prune')
  @Post('prune')
  @HttpCode(200)
  @ApiOperation({ summary: 'Take parameters and checkpoints of experiments that have ended away; records, figures and curves stay' })
  @ApiConsumes('application/json')
  @ApiBody({ schema: openApiSchema(pruneChoiceSchema, 'input') })
  @ApiResponse({ status: 200, description: 'What was taken away.', schema: openApiSchema(prunedSchema) })
  async prune(@Body() body: unknown): Promise<PrunedBody> {
    return this.persistence.disk.prune(currentSession(), readJsonBody(pruneChoiceSchema, body));
  }
}
