/** A worker process: takes runs from the queue, simulates them in threads, writes results to Postgres. */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { openLog, runService, type RunningService } from '@airmeta/service';
import { readConfig } from './config.js';
import { WorkerModule } from './worker.module.js';

async function start(): Promise<RunningService> {
  const config = readConfig();
  const log = openLog('worker', config.logLevel);
  const app = await NestFactory.createApplicationContext(WorkerModule.register(config, log), { logger: false, abortOnError: false });
  return { log, close: () => app.close() };
}

runService('worker', start);
