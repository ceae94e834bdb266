/** What has to be said of results that were not all computed alike. */

/** Runs with results that were computed on one arithmetic. */
export interface ArithmeticShare {
  /** What their worker computed on; null: an earlier version did not record it. */
  readonly arithmetic: string | null;
  readonly runs: number;
}

/** A sentence when there is more than one arithmetic, or null. Bits differ between them, so that pairs of equal seed are not equal but for the noise. */
export function arithmeticNote(shares: readonly ArithmeticShare[]): string | null {
  if (shares.length < 2) return null;
  const listed = shares
    .map(({ arithmetic, runs }) => `${runs} ${runs === 1 ? 'run' : 'runs'} on ${arithmetic ?? 'one that was not recorded'}`)
    .join('; ');
  return (
    `its results come from ${shares.length} arithmetics, which give other last bits: ${listed}. ` +
    'Runs of equal seed then differ by rounding too; submit it again with "--force" on workers of one kind where that matters'
  );
}
