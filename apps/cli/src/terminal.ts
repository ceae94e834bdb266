/**
 * The only way to standard output and error. Names, labels, notes and errors may be other people's: what a terminal would obey, rather than
 * show, is written out.
 */
import { printable, printableJson } from '@airmeta/spec';

/** Line ends are ours: those of other people's texts were written out where they were put in. */
function shown(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/** A text with values in it, which stay on their line. */
export function line(texts: TemplateStringsArray, ...values: readonly (string | number)[]): string {
  return String.raw({ raw: texts }, ...values.map((value) => printable(String(value))));
}

/** Prints a result. */
export function print(text: string): void {
  console.log(shown(text));
}

/** Prints a result as a line of JSON. */
export function printJson(value: unknown): void {
  console.log(printableJson(value));
}

/** Says something beside the results. */
export function note(text: string): void {
  console.error(shown(text));
}
