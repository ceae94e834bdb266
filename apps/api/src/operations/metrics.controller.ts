import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { Registry } from 'prom-client';
import { Performs } from '../access/performs.js';
import { METRICS_REGISTRY } from '../tokens.js';

@ApiTags('operations')
@Controller('metrics')
export class MetricsController {
  constructor(@Inject(METRICS_REGISTRY) private readonly registry: Registry) {}

  @Performs('metrics:read')
  @Get()
  @ApiOperation({ summary: 'Metrics of the lab and of this server process, for Prometheus' })
  @ApiProduces('text/plain')
  async metrics(@Res({ passthrough: true }) response: Response): Promise<string> {
    const text = await this.registry.metrics();
    response.setHeader('Cache-Control', 'no-store');
    response.type(this.registry.contentType);
    return text;
  }
}
