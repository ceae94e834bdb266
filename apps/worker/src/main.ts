/** A worker process: takes runs from the queue, simulates them in threads, writes results to Postgres. */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { PersistenceError } from '@airmeta/persistence';
import { listenForStop } from '@airmeta/service';
import { pino } from 'pino';
import { ConfigError, readConfig } from './config.js';
import { WorkerModule } from './worker.module.js';

async function main(): Promise<void> {
  const listener = listenForStop();
  const config = readConfig();
  const log = pino({ level: config.logLevel, base: { process: 'worker', pid: process.pid } });
  const app = await NestFactory.createApplicationContext(WorkerModule.register(config, log), { logger: false, abortOnError: false });
  listener.onStop((why) => {
    log.info(`stopping: ${why}`);
    app.close().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'did not stop cleanly');
        process.exit(1);
      },
    );
  });
}

main().catch((error: unknown) => {
  if (error instanceof ConfigError) console.error(`airmeta worker: ${error.message}`);
  else console.error('airmeta worker could not start:', sentenceOf(error));
  process.exit(1);
});

/** One sentence for what an operator can mend; anything else is a bug and is shown whole. */
function sentenceOf(error: unknown): unknown {
  if (error instanceof PersistenceError) return error.message;
  const refused = error instanceof Error && 'code' in error && typeof error.code === 'string';
  return refused ? `${error.message || String(error.code)}; are DATABASE_URL and REDIS_URL right?` : error;
}
