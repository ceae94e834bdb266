/** Where decoded images are kept unless told otherwise. */
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * `AIRMETA_IMAGE_CACHE_DIR`, else `images` in the lab's own folder (`AIRMETA_DATA_DIR`), else the system's folder for what can be made again.
 * A variable that is empty counts as not set.
 */
export function imageCacheDirectory(environment: Readonly<NodeJS.ProcessEnv>, platform: NodeJS.Platform = process.platform): string {
  const { AIRMETA_IMAGE_CACHE_DIR, AIRMETA_DATA_DIR } = environment;
  if (AIRMETA_IMAGE_CACHE_DIR) return AIRMETA_IMAGE_CACHE_DIR;
  if (AIRMETA_DATA_DIR) return join(AIRMETA_DATA_DIR, 'images');
  return join(systemCache(environment, platform), 'airmeta', 'images');
}

function systemCache({ XDG_CACHE_HOME, LOCALAPPDATA }: Readonly<NodeJS.ProcessEnv>, platform: NodeJS.Platform): string {
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches');
  if (platform === 'win32' && LOCALAPPDATA) return LOCALAPPDATA;
  return XDG_CACHE_HOME || join(homedir(), '.cache');
}
