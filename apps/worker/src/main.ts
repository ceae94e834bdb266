/** A worker process: takes runs from the queue, simulates them in threads, writes results to Postgres. */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { settleDatabase } from '@airmeta/persistence';
import { queueBackend, queueSessions } from '@airmeta/queue';
import { answerArguments, openLog, runService, type RunningService } from '@airmeta/service';
import { poolSizeOf, readConfig } from './config.js';
import { HELP } from './help.js';
import { WorkerModule } from './worker.module.js';

async function start(): Promise<RunningService> {
  const environment = readConfig();
  const log = openLog('worker', environment.logLevel);
  const sessions = poolSizeOf(environment) + queueSessions(queueBackend(environment), ['producer', 'consumer']);
  const { connectionString } = await settleDatabase(environment.databaseUrl, { sessions });
  const config = { ...environment, databaseUrl: connectionString };
  const app = await NestFactory.createApplicationContext(WorkerModule.register(config, log), { logger: false, abortOnError: false });
  return { log, close: () => app.close() };
}

answerArguments(HELP, 'no worker was started');
runService('worker', start);
