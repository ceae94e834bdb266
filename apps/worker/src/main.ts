/** A worker process: takes runs from the queue, simulates them in threads, writes results to Postgres. */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { runService, type RunningService } from '@airmeta/service';
import { pino } from 'pino';
import { readConfig } from './config.js';
import { WorkerModule } from './worker.module.js';

async function start(): Promise<RunningService> {
  const config = readConfig();
  const log = pino({ level: config.logLevel, base: { process: 'worker', pid: process.pid } });
  const app = await NestFactory.createApplicationContext(WorkerModule.register(config, log), { logger: false, abortOnError: false });
  return { log, close: () => app.close() };
}

runService('worker', start);
