/** A worker process: takes runs from the queue, simulates them in threads, writes results to Postgres. */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { PersistenceError } from '@airmeta/persistence';
import { pino } from 'pino';
import { ConfigError, readConfig } from './config.js';
import { WorkerModule } from './worker.module.js';

async function main(): Promise<void> {
  const config = readConfig();
  const log = pino({ level: config.logLevel, base: { process: 'worker', pid: process.pid } });
  const app = await NestFactory.createApplicationContext(WorkerModule.register(config, log), { logger: false, abortOnError: false });
  let stopping = false;
  const stop = (why: string) => {
    if (stopping) return;
    stopping = true;
    log.info(`stopping: ${why}`);
    app.close().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'did not stop cleanly');
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', () => stop('SIGTERM'));
  process.once('SIGINT', () => stop('SIGINT'));
  // A supervisor holds the other end of this channel; without it the worker must not go on.
  process.once('disconnect', () => stop('the supervisor is gone'));
}

main().catch((error: unknown) => {
  if (error instanceof ConfigError) console.error(`airmeta worker: ${error.message}`);
  else console.error('airmeta worker could not start:', error instanceof PersistenceError ? error.message : error);
  process.exit(1);
});
