/** What the command line takes from the environment. */
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface CliEnvironment {
  /** Address of the lab server, when one is set. */
  readonly url: string | undefined;
  /** What the lab knows its caller by, when it is set. */
  readonly token: string | undefined;
  /** Where "airmeta login" keeps both. */
  readonly credentialsFile: string;
  /** Folder of data sets for local runs. */
  readonly datasetsDirectory: string;
  /** The lab’s PostgreSQL, for its keepers. */
  readonly databaseUrl: string | undefined;
  /** Where a lab of this folder keeps its database, when no other is named. */
  readonly dataDirectory: string;
}

export const DEFAULT_URL = 'http://127.0.0.1:3000';

export function readEnvironment(environment: NodeJS.ProcessEnv = process.env): CliEnvironment {
  return Object.freeze({
    url: environment['AIRMETA_URL'] || undefined,
    token: environment['AIRMETA_TOKEN'] || undefined,
    credentialsFile: join(environment['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'airmeta', 'credentials.json'),
    datasetsDirectory: environment['AIRMETA_DATASETS_DIR'] || 'datasets',
    databaseUrl: environment['DATABASE_URL'] || undefined,
    dataDirectory: environment['AIRMETA_DATA_DIR'] || '.airmeta',
  });
}
