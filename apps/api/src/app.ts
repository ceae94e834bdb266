/** The server, put together and not listening yet. */
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { Persistence } from '@airmeta/persistence';
import type { Tracing } from '@airmeta/service';
import { json, text, type NextFunction, type Request, type Response } from 'express';
import helmet from 'helmet';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { identifyCaller, openSession, refuseBadCredentials, refuseStrangers } from './access/authenticate.js';
import { ApiModule } from './api.module.js';
import type { ApiConfig } from './config.js';
import { refuseForeignRequests } from './edge/browser-requests.js';
import { requireContentType } from './edge/content-type.js';
import { serveDashboard } from './edge/dashboard.js';
import { ProblemFilter } from './edge/problem.filter.js';
import { limitConnections, limitUnderWay } from './edge/member-caps.js';
import { limitRate } from './edge/rate-limit.js';
import { assignRequestId } from './edge/request-id.js';
import { limitNesting } from './graphql/query-nesting.js';
import { logRequests } from './operations/request-log.js';
import { timeRequests } from './operations/request-times.js';
import { traceRequests } from './operations/trace-requests.js';
import { METRICS_REGISTRY, TRACING, WHOLE_PERSISTENCE } from './tokens.js';

const SPECIFICATION_LIMIT = '2mb';
const GRAPHQL_LIMIT = '256kb';

/** What probes ask must not depend on who asks, nor on the database. */
const PROBES = '/health';

const LIVE_VIEWS = '/v1/experiments/:id/events';

const SECURITY_HEADERS = helmet({
  // Whether there is TLS is known to the proxy that ends it.
  strictTransportSecurity: false,
  contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } },
});

/** How long a connection may lie idle: longer than proxies and clients keep theirs, as a request on its way is lost when the server closes first. */
const IDLE_CONNECTION_MS = 65_000;

export async function createApp(config: ApiConfig, log: Logger): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(ApiModule.register(config, log), {
    logger: false,
    abortOnError: false,
    bodyParser: false,
    forceCloseConnections: true,
  });
  const persistence = app.get<Persistence>(WHOLE_PERSISTENCE);
  app.disable('x-powered-by');
  app.getHttpServer().keepAliveTimeout = IDLE_CONNECTION_MS;
  app.set('trust proxy', config.trustedProxies);

  app.use(timeRequests(app.get<Registry>(METRICS_REGISTRY)));
  app.use(assignRequestId);
  app.use(logRequests(log));
  app.use(SECURITY_HEADERS);
  app.use(refuseForeignRequests(config.auth));
  app.use(serveDashboard());
  const { memberCaps } = config;
  const admission = [
    identifyCaller(config.auth, persistence.access),
    limitRate(config.rateLimit),
    refuseBadCredentials,
    limitConnections(memberCaps.connections, config.trustedProxies),
    limitUnderWay('requests', memberCaps.requests),
  ];
  for (const step of admission) {
    app.use((request: Request, response: Response, next: NextFunction) =>
      request.path.startsWith(`${PROBES}/`) ? next() : step(request, response, next),
    );
  }
  app.use('/graphql', refuseStrangers);
  app.use(LIVE_VIEWS, limitUnderWay('live views', memberCaps.liveViews));
  app.use(['/v1', '/graphql'], keepFromCaches);
  app.use('/v1', requireContentType);
  // YAML or JSON: specifications are read as text whatever they call themselves, so that faults are reported in one form.
  app.use('/v1', text({ type: () => true, limit: SPECIFICATION_LIMIT }));
  app.use('/graphql', json({ limit: GRAPHQL_LIMIT }), limitNesting);
  const tracing = app.get<Tracing>(TRACING);
  app.use(traceRequests(tracing));
  app.use(openSession(tracing));

  app.useGlobalFilters(new ProblemFilter(persistence.access, log));
  SwaggerModule.setup('docs', app, () => SwaggerModule.createDocument(app, documentation()));
  return app;
}

/** An answer is for the one who asked. */
function keepFromCaches(_: Request, response: Response, next: NextFunction): void {
  response.setHeader('Cache-Control', 'no-store');
  next();
}

function documentation() {
  return new DocumentBuilder()
    .setTitle('airmeta')
    .setDescription('Over-the-air federated meta-learning lab')
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'A token of this lab; none where it has no accounts.' })
    .addSecurityRequirements('bearer')
    .build();
}
