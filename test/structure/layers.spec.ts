/** A wrong import is refused with a sentence that says why. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
let house: string;

beforeEach(() => {
  house = mkdtempSync(join(tmpdir(), 'airmeta-layers-'));
});
afterEach(() => rmSync(house, { recursive: true, force: true }));

/** Lays out files, and returns what the layer rules say of them. */
function cruise(files: Record<string, string>): { status: number | null; said: string } {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(house, path)), { recursive: true });
    writeFileSync(join(house, path), text);
  }
  const command = [
    join(PROJECT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs'),
    'libs',
    'apps',
    '--config',
    join(PROJECT, '.dependency-cruiser.cjs'),
    '--output-type',
    'err-long',
  ];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: house, encoding: 'utf8' });
  return { status, said: `${stdout}${stderr}`.replaceAll(/\s+/g, ' ') };
}

const app = { 'apps/cli/src/main.ts': 'export const nothing = 0;\n', 'libs/numerics/src/one.ts': 'export const one = 1;\n' };

describe('the layer rules', () => {
  it('let a library import the floors below it', () => {
    const { status } = cruise({
      ...app,
      'libs/numerics/src/a.ts': 'export const a = 1;\n',
      'libs/channel/src/b.ts': "import { a } from '../../numerics/src/a.js';\nexport const b = a;\n",
    });
    expect(status).toBe(0);
  });

  it('refuse an import that runs up, and say what may be imported', () => {
    const { status, said } = cruise({
      ...app,
      'libs/lab/src/a.ts': 'export const a = 1;\n',
      'libs/numerics/src/b.ts': "import { a } from '../../lab/src/a.js';\nexport const b = a;\n",
    });
    expect(status).not.toBe(0);
    expect(said).toContain('libs/numerics may import no other library of the project: imports run one way');
  });

  it('let pages in a browser be clients only', () => {
    const { status, said } = cruise({
      ...app,
      'libs/client/src/a.ts': 'export const a = 1;\n',
      'libs/lab/src/b.ts': 'export const b = 1;\n',
      'apps/web/src/page.tsx': "import { a } from '../../../libs/client/src/a.js';\nexport const page = a;\n",
      'apps/web/src/taken.tsx': "import { b } from '../../../libs/lab/src/b.js';\nexport const taken = b;\n",
    });
    expect(status).not.toBe(0);
    expect(said).toContain('knows the lab as any client does');
    expect(said).toContain('taken.tsx');
    expect(said).not.toContain('page.tsx');
  });

  it('refuse files and processes in the science', () => {
    const { status, said } = cruise({
      ...app,
      'libs/channel/src/b.ts': "import { readFileSync } from 'node:fs';\nexport const b = readFileSync;\n",
    });
    expect(status).not.toBe(0);
    expect(said).toContain('computes from its arguments only');
  });

  it('refuse a circle', () => {
    const { status, said } = cruise({
      ...app,
      'libs/spec/src/a.ts': "import { b } from './b.js';\nexport const a = () => b;\n",
      'libs/spec/src/b.ts': "import { a } from './a.js';\nexport const b = () => a;\n",
    });
    expect(status).not.toBe(0);
    expect(said).toContain('Two files that need each other are one concept');
  });

  it('refuse an import of one app by another', () => {
    const { status, said } = cruise({
      ...app,
      'apps/api/src/x.ts': "import { nothing } from '../../cli/src/main.js';\nexport const x = nothing;\n",
    });
    expect(status).not.toBe(0);
    expect(said).toContain('what two apps share belongs in a library');
  });
});
