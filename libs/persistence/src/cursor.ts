/** Opaque page cursors: the sort key of the item before the page. */
import { InvalidCursorError } from './errors.js';

export function encodeCursor(key: readonly string[]): string {
  return Buffer.from(key.join(' ')).toString('base64url');
}

/**
 * The key's parts, each checked against its pattern.
 * @throws InvalidCursorError
 */
export function decodeCursor(cursor: string, patterns: readonly RegExp[]): string[] {
  const key = Buffer.from(cursor, 'base64url').toString('utf8').split(' ');
  const valid = key.length === patterns.length && patterns.every((pattern, position) => pattern.test(key[position]));
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
