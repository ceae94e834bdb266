import { Controller, Get, Inject } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { StorageFullError, type Persistence } from '@airmeta/persistence';
import { Performs } from '../access/performs.js';
import { NotReadyError } from '../edge/problem.js';
import { WHOLE_PERSISTENCE } from '../tokens.js';

@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(@Inject(WHOLE_PERSISTENCE) private readonly persistence: Persistence) {}

  @Performs('health:read')
  @Get('live')
  @ApiOperation({ summary: 'The process answers' })
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Performs('health:read')
  @Get('ready')
  @ApiOperation({ summary: 'The process can serve: its database answers, and has room' })
  async ready(): Promise<{ status: 'ok' }> {
    await this.persistence.ping();
    await this.persistence.requireRoom().catch((error: unknown) => {
      throw error instanceof StorageFullError ? new NotReadyError(error.message) : error;
    });
    return { status: 'ok' };
  }
}
