/** The documents of `examples/`, by name. The folder lies where the source tree has it, beside the built programs. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expandExperiment, readSpecificationText } from '@airmeta/spec';
import { UsageError } from './exit.js';

const FOLDER = new URL('../../../examples/', import.meta.url);
const PREFIX = 'preset:';
const ENDING = '.yaml';

export interface Preset {
  readonly name: string;
  /** What it answers. */
  readonly description: string;
  readonly runCount: number;
  readonly roundsTotal: number;
}

function presetNames(): string[] {
  try {
    return readdirSync(FOLDER)
      .filter((file) => file.endsWith(ENDING))
      .map((file) => file.slice(0, -ENDING.length))
      .sort();
  } catch {
    throw new UsageError(`there are no presets: the folder ${fileURLToPath(FOLDER)} cannot be listed`);
  }
}

/** The name in `preset:<name>`; undefined for anything else, which is a path. */
export function presetName(specification: string): string | undefined {
  return specification.startsWith(PREFIX) ? specification.slice(PREFIX.length) : undefined;
}

/** The document as it is written. @throws UsageError with the names that there are */
export function readPreset(name: string): string {
  const names = presetNames();
  if (!names.includes(name)) throw new UsageError(`there is no preset "${name}"; there are ${names.join(', ')}`);
  return readFileSync(new URL(`${name}${ENDING}`, FOLDER), 'utf8');
}

/** All presets with their cost, in order of name. */
export async function listPresets(): Promise<Preset[]> {
  const { previewExperiment } = await import('@airmeta/lab');
  return presetNames().map((name) => {
    const expanded = expandExperiment(readSpecificationText(readPreset(name)));
    const { runCount, roundsTotal } = previewExperiment(expanded);
    return { name, description: expanded.envelope.description ?? '', runCount, roundsTotal };
  });
}
