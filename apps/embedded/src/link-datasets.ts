import { mkdtemp, readdir, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface LinkedDatasets {
  /** Absolute. */
  readonly folder: string;
  remove(): Promise<void>;
}

/**
 * A folder of links for a lab that takes its data sets from one folder: those of `root`, and the named ones, which win.
 * Undefined when none is named.
 *
 * @param directory where relative folders start
 * @throws Error with a sentence when a named folder is not there
 */
export async function linkDatasets(
  named: ReadonlyMap<string, string>,
  directory: string,
  root: string,
): Promise<LinkedDatasets | undefined> {
  if (named.size === 0) return undefined;
  const targets = new Map((await namesIn(root)).map((name) => [name, path.join(root, name)]));
  for (const [name, given] of named) {
    const target = path.resolve(directory, given);
    const entry = await stat(target).catch(() => undefined);
    if (!entry?.isDirectory()) throw new Error(`--dataset ${name}=${given}: there is no such folder`);
    targets.set(name, target);
  }
  const folder = await mkdtemp(path.join(tmpdir(), 'airmeta-datasets-'));
  for (const [name, target] of targets) await symlink(target, path.join(folder, name), 'junction');
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

async function namesIn(root: string): Promise<string[]> {
  return readdir(root).catch(() => []); // a lab needs no folder of data sets
}
