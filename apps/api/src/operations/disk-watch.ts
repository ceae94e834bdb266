import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { diskWarnings } from '@airmeta/lab';
import type { Persistence } from '@airmeta/persistence';
import type { Logger } from 'pino';
import { LOGGER, WHOLE_PERSISTENCE } from '../tokens.js';

const INTERVAL_MS = 10 * 60_000;

/** Says in the log what is near its end of the disk, at the start and every ten minutes. */
@Injectable()
export class DiskWatch implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private look: Promise<void> = Promise.resolve();

  constructor(
    @Inject(WHOLE_PERSISTENCE) private readonly persistence: Persistence,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    const look = () => {
      this.look = this.warn();
    };
    this.timer = setInterval(look, INTERVAL_MS);
    look();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.look;
  }

  private async warn(): Promise<void> {
    try {
      for (const warning of diskWarnings(await this.persistence.disk.usage())) this.log.warn(warning);
    } catch (error) {
      this.log.warn({ err: error }, 'what the lab takes on disk could not be read; trying again in ten minutes');
    }
  }
}
