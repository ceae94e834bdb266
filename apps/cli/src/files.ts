/** Files the user names. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { UsageError } from './exit.js';
import { presetName, readPreset } from './presets.js';
import { line, note } from './terminal.js';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'access is denied',
  ENOTDIR: 'part of its path is not a folder',
};

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return REASONS[code ?? ''] ?? message;
}

/** @throws UsageError when it cannot be read; `-` is standard input */
export function readText(path: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${reasonOf(error)}`);
  }
}

/** @throws UsageError when it cannot be read */
export function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${reasonOf(error)}`);
  }
}

/** Does a step of writing a file, whose folder is made where there is none. @throws UsageError when it fails */
export function writingTo<T>(path: string, step: () => T): T {
  try {
    mkdirSync(dirname(path), { recursive: true });
    return step();
  } catch (error) {
    throw new UsageError(`${path} cannot be written: ${reasonOf(error)}`);
  }
}

/** Writes a file, with its folder. @throws UsageError when it cannot be written */
export function writeContent(path: string, content: string | Uint8Array): void {
  writingTo(path, () => writeFileSync(path, content));
}

/** Writes a result and says so. @throws UsageError when it cannot be written */
export function writeResult(path: string, content: string | Uint8Array): void {
  writeContent(path, content);
  note(line`wrote ${path}`);
}

/** The text of a specification. @param source a path, `-` for standard input, or `preset:<name>` @throws UsageError when it cannot be read */
export function readSpecification(source: string): string {
  const preset = presetName(source);
  return preset === undefined ? readText(source) : readPreset(preset);
}
