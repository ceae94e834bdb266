/** One reading serves a scrape, and whoever else scrapes at that time. */
const KEPT_MS = 1_000;

/** A failed reading is not kept. */
export function keepBriefly<T>(read: () => Promise<T>): () => Promise<T> {
  let kept: { readonly value: Promise<T>; readonly until: number } | undefined;
  return () => {
    if (kept && performance.now() < kept.until) return kept.value;
    const value = read();
    const fresh = { value, until: performance.now() + KEPT_MS };
    kept = fresh;
    value.catch(() => {
      if (kept === fresh) kept = undefined;
    });
    return value;
  };
}
