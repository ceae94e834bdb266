/** Files that results are written to: the ending of a name says what is written. */
import { extname } from 'node:path';
import { InvalidArgumentError } from 'commander';

/** What a name ends in, in lower case: `.svg`. */
export function endingOf(path: string): string {
  return extname(path).toLowerCase();
}

/** Parses an argument that names a file. @param allowed endings that mean something to the command, such as `.svg` */
export function outputFile(...allowed: readonly string[]): (text: string) => string {
  const expected = allowed.length === 1 ? `in ${allowed[0]}` : `in one of ${allowed.join(', ')}`;
  return (text) => {
    if (allowed.includes(endingOf(text))) return text;
    throw new InvalidArgumentError(`expected a file whose name ends ${expected}`);
  };
}

/** Of an option that may be given several times. */
export function outputFiles(...allowed: readonly string[]): (text: string, earlier: readonly string[]) => readonly string[] {
  const read = outputFile(...allowed);
  return (text, earlier) => [...earlier, read(text)];
}
