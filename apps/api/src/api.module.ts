import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { GraphQLModule } from '@nestjs/graphql';
import { ThreadInspector } from '@airmeta/compute';
import type { JobQueue } from '@airmeta/lab';
import { openPersistence, type Persistence } from '@airmeta/persistence';
import { openJobQueue, type QueueBackend } from '@airmeta/queue';
import type { Logger } from 'pino';
import type { ApiConfig } from './config.js';
import { Dispatcher } from './dispatcher.js';
import { ExperimentFeed } from './experiment-feed.js';
import { ExperimentsResolver, RunsResolver } from './graphql/experiments.resolver.js';
import { formatError } from './graphql/format-error.js';
import { createRunLoaders, type GraphqlContext } from './graphql/run-loaders.js';
import { ExperimentsController } from './rest/experiments.controller.js';
import { HealthController } from './rest/health.controller.js';
import { RunsController } from './rest/runs.controller.js';
import { CONFIG, DATASETS, LOGGER, PERSISTENCE, QUEUE } from './tokens.js';

/** What the server holds open. */
@Module({})
class ResourcesModule implements OnApplicationShutdown {
  constructor(
    @Inject(PERSISTENCE) private readonly persistence: Persistence,
    @Inject(QUEUE) private readonly queue: JobQueue,
    @Inject(DATASETS) private readonly datasets: ThreadInspector,
  ) {}

  static register(config: ApiConfig, log: Logger): DynamicModule {
    const backend: QueueBackend = config.redisUrl
      ? { kind: 'redis', url: config.redisUrl }
      : { kind: 'postgres', connectionString: config.databaseUrl };
    return {
      module: ResourcesModule,
      global: true,
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: LOGGER, useValue: log },
        { provide: PERSISTENCE, useFactory: () => openPersistence({ connectionString: config.databaseUrl }) },
        {
          provide: QUEUE,
          useFactory: () => openJobQueue(backend, { onError: (error) => log.warn({ err: error }, 'the queue reports an error') }),
        },
        { provide: DATASETS, useFactory: () => new ThreadInspector({ datasetsDirectory: config.datasetsDirectory }) },
      ],
      exports: [CONFIG, LOGGER, PERSISTENCE, QUEUE, DATASETS],
    };
  }

  /** Runs after the modules that use these have stopped. */
  async onApplicationShutdown(): Promise<void> {
    await this.datasets.close();
    await this.queue.close();
    await this.persistence.close();
  }
}

@Module({})
export class ApiModule {
  static register(config: ApiConfig, log: Logger): DynamicModule {
    return {
      module: ApiModule,
      imports: [
        ResourcesModule.register(config, log),
        GraphQLModule.forRootAsync<ApolloDriverConfig>({
          driver: ApolloDriver,
          inject: [PERSISTENCE],
          useFactory: (persistence: Persistence): ApolloDriverConfig => ({
            autoSchemaFile: true,
            sortSchema: true,
            graphiql: false,
            path: '/graphql',
            context: (): GraphqlContext => createRunLoaders(persistence.experiments),
            formatError: (formatted, error) =>
              formatError(formatted, error, (inner) => log.error({ err: inner }, 'a GraphQL field failed')),
          }),
        }),
      ],
      controllers: [ExperimentsController, RunsController, HealthController],
      providers: [ExperimentsResolver, RunsResolver, Dispatcher, ExperimentFeed],
    };
  }
}
