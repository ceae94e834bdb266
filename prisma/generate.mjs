/**
 * Generates the Prisma client into libs/persistence/src/generated, without the network: `generate` never calls the
 * schema engine, but the CLI would download one unless a binary is named. Does nothing when the client is current.
 * Usage: node prisma/generate.mjs [--force]
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const schemaPath = path.join(root, 'prisma', 'schema.prisma');
const stampPath = path.join(root, 'libs', 'persistence', 'src', 'generated', '.stamp');

const packagePath = createRequire(path.join(root, 'libs', 'persistence', 'package.json')).resolve('prisma/package.json');
const prisma = JSON.parse(readFileSync(packagePath, 'utf8'));
const stamp = createHash('sha256').update(prisma.version).update(readFileSync(schemaPath)).digest('hex');

const current = existsSync(stampPath) && readFileSync(stampPath, 'utf8') === stamp;
if (!current || process.argv.includes('--force')) {
  const cli = path.join(path.dirname(packagePath), prisma.bin.prisma);
  const { status, error } = spawnSync(process.execPath, [cli, 'generate', '--schema', schemaPath], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
      CHECKPOINT_DISABLE: '1',
    },
  });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
  writeFileSync(stampPath, stamp);
}
