/** Every program says what it is when it is asked, and starts nothing. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { PROJECT } from '../support/project.js';

/** Many processes, one after another. */
vi.setConfig({ testTimeout: 120_000 });

const folder = mkdtempSync(join(tmpdir(), 'airmeta-help-'));
afterAll(() => rmSync(folder, { recursive: true }));

function run(entry: string, argument: string): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const env = { PATH: process.env['PATH'] ?? '', AIRMETA_DATA_DIR: folder };
    execFile(process.execPath, [join(PROJECT, entry), argument], { cwd: folder, env }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}

describe.each([
  ['apps/embedded/dist/main.js', 'usage: npm start'],
  ['apps/embedded/dist/quickstart.js', 'usage: npm run quickstart'],
  ['apps/embedded/dist/study.js', 'usage: npm run study'],
  ['apps/api/dist/main.js', 'usage: node apps/api/dist/main.js'],
  ['apps/worker/dist/main.js', 'usage: node apps/worker/dist/main.js'],
])('%s', (entry, usage) => {
  it('prints help when it is asked, and starts nothing', async () => {
    const { code, stdout, stderr } = await run(entry, '--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.startsWith(usage)).toBe(true);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuses what it does not know in a sentence, and starts nothing', async () => {
    const { code, stdout, stderr } = await run(entry, '--prot');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain("Unknown option '--prot'");
    expect(stderr).not.toMatch(/^ +at /m);
    expect(readdirSync(folder)).toEqual([]);
  });
});

it.each([
  ['apps/api', ['libs/service/src/service-environment.ts', 'apps/api/src/config.ts']],
  ['apps/worker', ['libs/service/src/service-environment.ts', 'apps/worker/src/config.ts']],
])('the help of %s names every variable that it reads', async (app, sources) => {
  const { stdout } = await run(`${app}/dist/main.js`, '--help');
  const read = sources.flatMap((source) =>
    [...readFileSync(join(PROJECT, source), 'utf8').matchAll(/^ {2}([A-Z][A-Z_]+): /gm)].map(([, name]) => name),
  );
  expect(read.length).toBeGreaterThan(6);
  for (const name of read) expect(stdout).toContain(name);
});
