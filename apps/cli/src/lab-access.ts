import { LabClient } from '@airmeta/client';
import { DEFAULT_URL, type CliEnvironment } from './config.js';
import { readCredentials, sameLab } from './credentials.js';
import { requireLabAddress } from './lab-address.js';

/** Where commands look for a lab: AIRMETA_URL, what "airmeta login" has kept, or this machine. @throws UsageError */
export function labAddress({ url, credentialsFile }: CliEnvironment): string {
  return url === undefined ? (readCredentials(credentialsFile)?.url ?? DEFAULT_URL) : requireLabAddress(url, 'AIRMETA_URL');
}

/**
 * The lab that commands speak to: AIRMETA_URL and AIRMETA_TOKEN, or else what "airmeta login" has kept. A kept token is for
 * the lab it was given for, and is sent to no other.
 * @throws UsageError when what was kept cannot be read, or AIRMETA_URL is no address
 */
export function connect(environment: CliEnvironment): LabClient {
  const { url, token, credentialsFile } = environment;
  const kept = url !== undefined && token !== undefined ? undefined : readCredentials(credentialsFile);
  const address = labAddress(environment);
  return new LabClient(address, token ?? (kept && sameLab(kept.url, address) ? kept.token : undefined));
}
