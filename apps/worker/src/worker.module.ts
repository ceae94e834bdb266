import { Module, type DynamicModule } from '@nestjs/common';
import { ThreadSimulator } from '@airmeta/compute';
import { openPersistence } from '@airmeta/persistence';
import { openJobQueue, queueBackend } from '@airmeta/queue';
import { openTracing } from '@airmeta/service';
import type { Logger } from 'pino';
import { poolSizeOf, type WorkerConfig } from './config.js';
import { RunWorker } from './run-worker.js';
import { CONFIG, LOGGER, PERSISTENCE, QUEUE, QUEUE_BACKEND, SIMULATOR, TRACING } from './tokens.js';

@Module({})
export class WorkerModule {
  static register(config: WorkerConfig, log: Logger): DynamicModule {
    const backend = queueBackend(config);
    return {
      module: WorkerModule,
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: LOGGER, useValue: log },
        { provide: TRACING, useFactory: () => openTracing('airmeta-worker', config.otlpEndpoint) },
        { provide: QUEUE_BACKEND, useValue: backend },
        {
          provide: PERSISTENCE,
          useFactory: () => openPersistence({ connectionString: config.databaseUrl, poolSize: poolSizeOf(config) }),
        },
        {
          provide: QUEUE,
          useFactory: () => openJobQueue(backend, { onError: (error) => log.warn({ err: error }, 'the queue reports an error') }),
        },
        {
          provide: SIMULATOR,
          useFactory: () =>
            ThreadSimulator.open(config.slots, {
              datasetsDirectory: config.datasetsDirectory,
              checkpointLimit: config.checkpointLimit,
              imageCache: { directory: config.imageCacheDirectory, maxBytes: config.imageCacheBytes },
            }),
        },
        RunWorker,
      ],
    };
  }
}
