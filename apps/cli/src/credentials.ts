/** Which lab the user is logged in to: a file that only the user may read. */
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { UsageError } from './exit.js';

const credentialsSchema = z.object({ url: z.string(), token: z.string() });
export type Credentials = z.output<typeof credentialsSchema>;

/** Undefined when there is no file. @throws UsageError when there is one that cannot be read */
export function readCredentials(path: string): Credentials | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new UsageError(`${path} cannot be read: ${(error as Error).message}`);
  }
  try {
    return credentialsSchema.parse(JSON.parse(text));
  } catch {
    throw new UsageError(`${path} is not what "airmeta login" writes: run it again`);
  }
}

/** @throws UsageError when it cannot be written */
export function writeCredentials(path: string, credentials: Credentials): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    rmSync(path, { force: true }); // a file that is there already would keep its own mode
    writeFileSync(path, `${JSON.stringify(credentials)}\n`, { mode: 0o600 });
    chmodSync(path, 0o600);
  } catch (error) {
    throw new UsageError(`${path} cannot be written: ${(error as Error).message}`);
  }
}

export function removeCredentials(path: string): void {
  rmSync(path, { force: true });
}

/** Two ways to write one address. */
export function sameLab(one: string, other: string): boolean {
  const plain = (url: string) => (URL.canParse(url) ? new URL(url).href : url).replace(/\/+$/, '');
  return plain(one) === plain(other);
}
