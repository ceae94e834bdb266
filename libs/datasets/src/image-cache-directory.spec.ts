import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { imageCacheDirectory } from './image-cache-directory.js';

it.each([
  [{ AIRMETA_IMAGE_CACHE_DIR: '/here', AIRMETA_DATA_DIR: '/lab' }, 'linux', '/here'],
  [{ AIRMETA_IMAGE_CACHE_DIR: '', AIRMETA_DATA_DIR: '/lab' }, 'linux', '/lab/images'],
  [{ XDG_CACHE_HOME: '/cache' }, 'linux', '/cache/airmeta/images'],
  [{}, 'linux', join(homedir(), '.cache/airmeta/images')],
  [{}, 'darwin', join(homedir(), 'Library/Caches/airmeta/images')],
] as const)('images are kept by %j on %s', (environment, platform, expected) => {
  expect(imageCacheDirectory(environment, platform)).toBe(expected);
});
