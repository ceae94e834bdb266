/** Opaque page cursors: the sort key of the item before the page. */
import { InvalidCursorError } from './errors.js';

export function encodeCursor(key: readonly string[]): string {
  return Buffer.from(key.join(' ')).toString('base64url');
}

/** A part of a key: a pattern, or what tells whether a text is one. */
type PartCheck = RegExp | ((text: string) => boolean);

const WRITTEN_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** Whether a text is a time as toISOString writes it, of a day that the calendar has and a year that Postgres has: it knows no year 0. */
export function isTime(text: string): boolean {
  if (!WRITTEN_TIME.test(text) || text.startsWith('0000')) return false;
  const time = new Date(text);
  return !Number.isNaN(time.getTime()) && time.toISOString() === text;
}

/**
 * The key's parts, each checked: a part that Postgres cannot read would be its error, not the caller's.
 * @throws InvalidCursorError
 */
export function decodeCursor(cursor: string, checks: readonly PartCheck[]): string[] {
  const key = Buffer.from(cursor, 'base64url').toString('utf8').split(' ');
  const valid =
    key.length === checks.length &&
    checks.every((check, position) => (check instanceof RegExp ? check.test(key[position]) : check(key[position])));
  if (!valid || encodeCursor(key) !== cursor) throw new InvalidCursorError(cursor);
  return key;
}

/** Cuts a list that was read one item too long, and says where the next page starts. */
export function pageOf<T>(
  items: readonly T[],
  limit: number,
  keyOf: (item: T) => readonly string[],
): { items: T[]; nextCursor: string | null } {
  const page = items.slice(0, limit);
  return { items: page, nextCursor: items.length > limit ? encodeCursor(keyOf(page[limit - 1])) : null };
}
