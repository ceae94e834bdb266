/** Longer ones are sorted by the engine, which takes about a microsecond to begin. */
const FEW = 40;

/** The values in ascending order. An answer sorts tens of thousands of short lists. */
export function ascending(values: ArrayLike<number>): Float64Array {
  const sorted = Float64Array.from(values);
  if (sorted.length > FEW) return sorted.sort();
  for (let end = 1; end < sorted.length; end++) {
    const value = sorted[end];
    let place = end;
    for (; place > 0 && sorted[place - 1] > value; place--) sorted[place] = sorted[place - 1];
    sorted[place] = value;
  }
  return sorted;
}
