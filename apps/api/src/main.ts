/** The lab's server: REST, GraphQL and live events over one port. */
import 'reflect-metadata';
import { FIRST_ADMIN, issueFirstToken } from '@airmeta/lab';
import { migrateDatabase, POOL_SIZE, settleDatabase, type Persistence } from '@airmeta/persistence';
import { prepareBackend, queueBackend, queueSessions } from '@airmeta/queue';
import { answerArguments, openLog, runService, type RunningService } from '@airmeta/service';
import { DEFAULT_TOKEN_DAYS } from '@airmeta/spec';
import { createApp } from './app.js';
import { readConfig } from './config.js';
import { HELP } from './help.js';
import { WHOLE_PERSISTENCE } from './tokens.js';

async function start(): Promise<RunningService> {
  const environment = readConfig();
  const log = openLog('api', environment.logLevel);
  const sessions = POOL_SIZE + queueSessions(queueBackend(environment), ['producer']);
  const { connectionString } = await settleDatabase(environment.databaseUrl, { sessions });
  const config = { ...environment, databaseUrl: connectionString };
  await prepareBackend(queueBackend(config)); // what is wrong with it is said before the lab's tables are made
  const applied = await migrateDatabase(config.databaseUrl);
  if (applied.length > 0) log.info({ applied }, 'brought the tables up to date');
  const app = await createApp(config, log);
  await app.init();
  if (config.auth === 'on') await welcome(app.get<Persistence>(WHOLE_PERSISTENCE));
  await app.listen(config.port, config.host);
  log.info(`listening on ${await app.getUrl()}`);
  return { log, close: () => app.close() };
}

/** Prints the first admin's token, once in a lab's life; whatever the level of the log, as there is no other way in. */
async function welcome({ access }: Persistence): Promise<void> {
  const secret = await issueFirstToken(DEFAULT_TOKEN_DAYS, access);
  if (secret === undefined) return;
  process.stdout.write(
    `this lab has no members yet: run "airmeta login" as ${FIRST_ADMIN} with this token, which is not shown again: ${secret}\n`,
  );
}

answerArguments(HELP, 'no server was started');
runService('api', start);
