/** What the command line takes from the environment. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ImageCacheSettings } from '@airmeta/compute';
import { UsageError } from './exit.js';

export interface CliEnvironment {
  /** Address of the lab server, when one is set. */
  readonly url: string | undefined;
  /** What the lab knows its caller by, when it is set. */
  readonly token: string | undefined;
  /** Where "airmeta login" keeps both. */
  readonly credentialsFile: string;
  /** Folder of data sets for local runs. */
  readonly datasetsDirectory: string;
  /** Where local runs share decoded images. @throws UsageError when its size is none */
  imageCache(): Promise<ImageCacheSettings>;
  /** The lab’s PostgreSQL, for its keepers. */
  readonly databaseUrl: string | undefined;
  /** Where a lab of this folder keeps its database, when no other is named. */
  readonly dataDirectory: string;
}

const DEFAULT_CACHE_MB = 4096;

export const DEFAULT_URL = 'http://127.0.0.1:3000';

/** @throws UsageError when it is no number of megabytes */
function cacheMegabytes(text: string | undefined): number {
  if (!text) return DEFAULT_CACHE_MB;
  if (/^\d{1,7}$/.test(text)) return Number(text);
  throw new UsageError(`AIRMETA_IMAGE_CACHE_MB must be a whole number of megabytes, not ${text}`);
}

export function readEnvironment(environment: NodeJS.ProcessEnv = process.env): CliEnvironment {
  return Object.freeze({
    url: environment['AIRMETA_URL'] || undefined,
    token: environment['AIRMETA_TOKEN'] || undefined,
    credentialsFile: join(environment['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'airmeta', 'credentials.json'),
    datasetsDirectory: environment['AIRMETA_DATASETS_DIR'] || 'datasets',
    imageCache: async () => {
      const { imageCacheDirectory } = await import('@airmeta/compute');
      return { directory: imageCacheDirectory(environment), maxBytes: cacheMegabytes(environment['AIRMETA_IMAGE_CACHE_MB']) * 2 ** 20 };
    },
    databaseUrl: environment['DATABASE_URL'] || undefined,
    dataDirectory: environment['AIRMETA_DATA_DIR'] || '.airmeta',
  });
}
