/** Control characters, and those that turn text around them into another direction. */
const UNSEEN = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

function writtenOut(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** A text in which what a terminal would obey, rather than show, is written out: a line feed as \u000a. */
export function printable(text: string): string {
  return text.replace(UNSEEN, writtenOut);
}

/** A value as JSON that a terminal can show: the same value, as JSON reads what is written out. */
export function printableJson(value: unknown): string {
  return printable(JSON.stringify(value));
}
