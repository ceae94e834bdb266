import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root folder, for sources and for what is compiled into test/dist alike. */
export const PROJECT = folderAbove(dirname(fileURLToPath(import.meta.url)), 'package-lock.json');

function folderAbove(folder: string, file: string): string {
  if (existsSync(join(folder, file))) return folder;
  const above = dirname(folder);
  if (above === folder) throw new Error(`there is no ${file} above this program`);
  return folderAbove(above, file);
}
