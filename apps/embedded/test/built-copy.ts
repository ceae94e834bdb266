import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import ts from 'typescript';

const SOURCES = fileURLToPath(new URL('../src', import.meta.url));
const CACHE = fileURLToPath(new URL('../../../node_modules/.cache', import.meta.url));

/** The app as plain JavaScript, in a folder laid out like the project, so that real processes can be made of it. */
export interface BuiltCopy {
  readonly folder: string;
  /** Path of a compiled module of this app. */
  module(name: string): string;
  /** Writes a program beside the app, such as `apps/api/dist/main.js`, and returns its path. */
  program(file: string, source: string): Promise<string>;
  remove(): Promise<void>;
}

/** Compiles the sources of this app; the tables' migration is replaced by nothing. */
export async function buildCopy(): Promise<BuiltCopy> {
  await mkdir(CACHE, { recursive: true });
  const folder = await mkdtemp(path.join(CACHE, 'airmeta-embedded-'));
  const program = async (file: string, source: string): Promise<string> => {
    const target = path.join(folder, file);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, source);
    return target;
  };
  await program('package.json', '{ "type": "module" }');
  await program('apps/embedded/dist/no-migrations.js', 'export const prepareLab = async () => [];');
  const names = (await readdir(SOURCES)).filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'));
  for (const name of names) {
    const { outputText } = ts.transpileModule(await readFile(path.join(SOURCES, name), 'utf8'), {
      compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true },
    });
    await program(`apps/embedded/dist/${name.replace(/ts$/, 'js')}`, outputText.replace("'./prepare-lab.js'", "'./no-migrations.js'"));
  }
  return {
    folder,
    module: (name) => path.join(folder, 'apps/embedded/dist', name),
    program,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
