/** `airmeta login` and `airmeta logout`: which lab commands speak to, and as whom. */
import { LabClient } from '@airmeta/client';
import { DEFAULT_URL, type CliEnvironment } from '../config.js';
import { readCredentials, removeCredentials, writeCredentials } from '../credentials.js';
import { UsageError } from '../exit.js';
import { readText } from '../files.js';
import { requireLabAddress } from '../lab-address.js';
import { askFor, askForSecret } from '../prompt.js';
import { line, note, print } from '../terminal.js';

const LOCAL = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** Asks for address and token, tries them, and keeps them in a file that only the user may read. */
export async function login(
  url: string | undefined,
  { tokenStdin }: { readonly tokenStdin?: boolean },
  environment: CliEnvironment,
): Promise<void> {
  const asking = !tokenStdin;
  if (asking && !process.stdin.isTTY) {
    throw new UsageError('there is no terminal to ask at: give the token on standard input, with "airmeta login <url> --token-stdin"');
  }
  const offered = environment.url ?? DEFAULT_URL;
  const address = url ?? (asking ? await askFor('address of the lab', offered) : offered);
  const { protocol, hostname } = new URL(requireLabAddress(address, 'the address'));
  if (protocol === 'http:' && !LOCAL.test(hostname)) {
    note(line`note: ${address} is not https, so whoever is on the way to it can read the token`);
  }
  const token = asking ? await askForSecret('token') : readText('-').trim();
  if (token === '') throw new UsageError('no token was given: ask an admin of the lab for one, or make one with "airmeta tokens create"');
  if (!/^[\x21-\x7e]+$/.test(token)) throw new UsageError('what was given is no token: a token has no spaces or special characters');

  const { auth, name, role } = await new LabClient(address, token).whoami();
  if (auth === 'off' || name === null) {
    throw new UsageError(`${address} is a lab without accounts, so there is nothing to log in to: set AIRMETA_URL=${address} instead`);
  }
  writeCredentials(environment.credentialsFile, { url: address, token });
  print(line`logged in to ${address} as ${name}, who may act as ${role}; kept in ${environment.credentialsFile}`);
  for (const [variable, value] of Object.entries({ AIRMETA_URL: environment.url, AIRMETA_TOKEN: environment.token })) {
    if (value !== undefined) note(line`note: ${variable} is set and goes before what was kept`);
  }
}

/** Forgets the token here; it still works where it was copied to, until it is revoked or expires. */
export function logout({ credentialsFile }: CliEnvironment): void {
  const kept = readCredentials(credentialsFile);
  removeCredentials(credentialsFile);
  print(
    kept
      ? `logged out of ${kept.url}; the token still works until it expires or "airmeta tokens revoke" ends it`
      : 'you were not logged in',
  );
}
