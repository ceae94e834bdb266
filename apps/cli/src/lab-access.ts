import { LabClient } from '@airmeta/client';
import { DEFAULT_URL, type CliEnvironment } from './config.js';
import { readCredentials, sameLab } from './credentials.js';

/**
 * The lab that commands speak to: AIRMETA_URL and AIRMETA_TOKEN, or else what "airmeta login" has kept. A kept token is for
 * the lab it was given for, and is sent to no other.
 * @throws UsageError when what was kept cannot be read
 */
export function connect({ url, token, credentialsFile }: CliEnvironment): LabClient {
  const kept = url !== undefined && token !== undefined ? undefined : readCredentials(credentialsFile);
  const address = url ?? kept?.url ?? DEFAULT_URL;
  return new LabClient(address, token ?? (kept && sameLab(kept.url, address) ? kept.token : undefined));
}
