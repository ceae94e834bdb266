import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { GraphQLModule } from '@nestjs/graphql';
import { ThreadInspector, ThreadSpecifications } from '@airmeta/compute';
import type { JobQueue } from '@airmeta/lab';
import { openPersistence, type Persistence } from '@airmeta/persistence';
import { openJobQueue, queueBackend } from '@airmeta/queue';
import { openTracing, type Tracing } from '@airmeta/service';
import type { Response } from 'express';
import { MaxIntrospectionDepthRule } from 'graphql';
import type { Logger } from 'pino';
import { AccessModule } from './access/access.module.js';
import { currentRequestId, sessionPersistence } from './access/session-context.js';
import type { ApiConfig } from './config.js';
import { Dispatcher } from './dispatcher.js';
import { ExperimentFeed } from './experiment-feed.js';
import { ClaimResolver } from './graphql/claim.resolver.js';
import { ExperimentsResolver, RunsResolver } from './graphql/experiments.resolver.js';
import { cutAnswers, weighAnswers } from './graphql/answer-meter.js';
import { formatError } from './graphql/format-error.js';
import { createGraphqlContext, type GraphqlContext } from './graphql/graphql-context.js';
import { HeavyQuestions } from './graphql/heavy-questions.js';
import { ExperimentTradeoffResolver, TradeoffResolver } from './graphql/tradeoff.resolver.js';
import { inMemberTurn } from './edge/member-turn.js';
import { limitCost, limitDepth, MAX_TOKENS } from './graphql/query-limits.js';
import { OperationsModule } from './operations/operations.module.js';
import { AccessController } from './rest/access.controller.js';
import { DatasetsController } from './rest/datasets.controller.js';
import { ControlController } from './rest/control.controller.js';
import { ExperimentsController } from './rest/experiments.controller.js';
import { HealthController } from './rest/health.controller.js';
import { RunsController } from './rest/runs.controller.js';
import { Specifications } from './specifications.js';
import { CONFIG, DATASETS, LOGGER, PERSISTENCE, QUEUE, TRACING, WHOLE_PERSISTENCE } from './tokens.js';

/** What the server holds open. */
@Module({})
class ResourcesModule implements OnApplicationShutdown {
  constructor(
    @Inject(WHOLE_PERSISTENCE) private readonly persistence: Persistence,
    @Inject(QUEUE) private readonly queue: JobQueue,
    @Inject(DATASETS) private readonly datasets: ThreadInspector,
    @Inject(ThreadSpecifications) private readonly specifications: ThreadSpecifications,
    @Inject(TRACING) private readonly tracing: Tracing,
  ) {}

  static register(config: ApiConfig, log: Logger): DynamicModule {
    const backend = queueBackend(config);
    return {
      module: ResourcesModule,
      global: true,
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: LOGGER, useValue: log },
        { provide: TRACING, useFactory: () => openTracing('airmeta-api', config.otlpEndpoint) },
        { provide: WHOLE_PERSISTENCE, useFactory: () => openPersistence({ connectionString: config.databaseUrl }, inMemberTurn) },
        { provide: PERSISTENCE, inject: [WHOLE_PERSISTENCE], useFactory: sessionPersistence },
        {
          provide: QUEUE,
          useFactory: () => openJobQueue(backend, { onError: (error) => log.warn({ err: error }, 'the queue reports an error') }),
        },
        { provide: ThreadSpecifications, useFactory: () => new ThreadSpecifications({ checkpointLimit: config.checkpointLimit }) },
        {
          provide: DATASETS,
          useFactory: () =>
            new ThreadInspector({
              datasetsDirectory: config.datasetsDirectory,
              checkpointLimit: config.checkpointLimit,
              imageCache: { directory: config.imageCacheDirectory, maxBytes: config.imageCacheBytes },
            }),
        },
      ],
      exports: [CONFIG, LOGGER, PERSISTENCE, WHOLE_PERSISTENCE, QUEUE, DATASETS, ThreadSpecifications, TRACING],
    };
  }

  /** Runs after the modules that use these have stopped. */
  async onApplicationShutdown(): Promise<void> {
    await this.specifications.close();
    await this.datasets.close();
    await this.queue.close();
    await this.persistence.close();
    await this.tracing.close();
  }
}

@Module({})
export class ApiModule {
  static register(config: ApiConfig, log: Logger): DynamicModule {
    return {
      module: ApiModule,
      imports: [
        ResourcesModule.register(config, log),
        AccessModule,
        OperationsModule,
        GraphQLModule.forRootAsync<ApolloDriverConfig>({
          driver: ApolloDriver,
          inject: [PERSISTENCE],
          useFactory: (persistence: Persistence): ApolloDriverConfig => {
            const heavy = new HeavyQuestions();
            return {
              autoSchemaFile: true,
              sortSchema: true,
              graphiql: false,
              path: '/graphql',
              introspection: config.graphql.introspection,
              hideSchemaDetailsFromClientErrors: !config.graphql.introspection,
              includeStacktraceInErrorResponses: false,
              fieldResolverEnhancers: ['guards'],
              validationRules: [limitDepth(config.graphql.maxDepth), MaxIntrospectionDepthRule],
              transformSchema: weighAnswers,
              persistedQueries: false,
              parseOptions: { maxTokens: MAX_TOKENS },
              plugins: [
                limitCost<GraphqlContext>(config.graphql.maxCost, (cost, { response }) => heavy.turn(cost, response)),
                cutAnswers(),
              ],
              context: ({ res }: { readonly res: Response }): GraphqlContext =>
                createGraphqlContext(persistence.experiments, res, config.graphql),
              formatError: (formatted, error) =>
                formatError(formatted, error, (inner) =>
                  log.error({ err: inner, requestId: currentRequestId() }, 'a GraphQL field failed'),
                ),
            };
          },
        }),
      ],
      controllers: [ExperimentsController, ControlController, DatasetsController, RunsController, AccessController, HealthController],
      providers: [
        ExperimentsResolver,
        ExperimentTradeoffResolver,
        TradeoffResolver,
        ClaimResolver,
        RunsResolver,
        Dispatcher,
        ExperimentFeed,
        Specifications,
      ],
    };
  }
}
