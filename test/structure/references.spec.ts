/** Every source the code names can be looked up, and nothing is listed that the code does not use. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

function keysInSources(): Set<string> {
  const keys = new Set<string>();
  for (const folder of ['libs', 'apps']) {
    for (const entry of readdirSync(join(PROJECT, folder), { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (!entry.isFile() || !entry.name.endsWith('.ts') || /node_modules|[\\/](dist|generated)[\\/]/.test(path)) continue;
      for (const [, key] of readFileSync(path, 'utf8').matchAll(/\[([a-z]+(?:19|20)\d\d[a-z]?)\]/g)) keys.add(key);
    }
  }
  return keys;
}

it('docs/references.md and the sources name the same references', () => {
  const listed = [...readFileSync(join(PROJECT, 'docs/references.md'), 'utf8').matchAll(/^\| ([a-z]+\d{4}[a-z]?) +\|/gm)].map(
    ([, key]) => key,
  );
  expect(listed.sort()).toEqual([...keysInSources()].sort());
});
