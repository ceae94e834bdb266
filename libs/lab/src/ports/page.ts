/** Lists, a page at a time. */

export interface Page {
  readonly limit: number;
  /** Opaque cursor of the item before the page. */
  readonly after?: string;
}

export interface PageOf<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}
