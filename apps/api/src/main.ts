/** The lab's server: REST, GraphQL and live events over one port. */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { json, text } from 'express';
import { migrateDatabase } from '@airmeta/persistence';
import { runService, type RunningService } from '@airmeta/service';
import { pino } from 'pino';
import { ApiModule } from './api.module.js';
import { readConfig } from './config.js';
import { ProblemFilter } from './edge/problem.filter.js';
import { assignRequestId } from './edge/request-id.js';

const SPECIFICATION_LIMIT = '2mb';
const GRAPHQL_LIMIT = '256kb';

async function start(): Promise<RunningService> {
  const config = readConfig();
  const log = pino({ level: config.logLevel, base: { process: 'api', pid: process.pid } });
  const applied = await migrateDatabase(config.databaseUrl);
  if (applied.length > 0) log.info({ applied }, 'brought the tables up to date');
  const app = await NestFactory.create<NestExpressApplication>(ApiModule.register(config, log), {
    logger: false,
    abortOnError: false,
    bodyParser: false,
    forceCloseConnections: true,
  });
  app.disable('x-powered-by');
  app.use(assignRequestId);
  // YAML or JSON: specifications are read as text whatever they call themselves, so that faults are reported in one form.
  app.use('/v1', text({ type: () => true, limit: SPECIFICATION_LIMIT }));
  app.use('/graphql', json({ limit: GRAPHQL_LIMIT }));
  app.useGlobalFilters(new ProblemFilter(log));
  SwaggerModule.setup('docs', app, () =>
    SwaggerModule.createDocument(
      app,
      new DocumentBuilder().setTitle('airmeta').setDescription('Over-the-air federated meta-learning lab').setVersion('1').build(),
    ),
  );
  await app.listen(config.port, config.host);
  log.info(`listening on ${await app.getUrl()}`);
  return { log, close: () => app.close() };
}

runService('api', start);
