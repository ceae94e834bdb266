import type { LeftOutFile } from '../dataset/dataset-source.js';

/** Files that were left out for one reason. */
export interface LeftOut {
  readonly reason: string;
  readonly count: number;
  /** The first of them, by path. */
  readonly examples: readonly string[];
}

/** What was read of a data set, and what was not: nothing vanishes without a word. */
export interface ReadingReport {
  /** How its files lie, such as `one folder per class`. */
  readonly layout: string;
  readonly images: number;
  /** Images of each format. */
  readonly formats: Readonly<Record<string, number>>;
  /** Sides in the files, before they were made `imageSize`: [width, height] of the image with the fewest pixels, and of that with the most. */
  readonly smallest: readonly [width: number, height: number];
  readonly largest: readonly [width: number, height: number];
  /** Images with colours of their own, whatever is read of them. */
  readonly coloured: number;
  readonly leftOut: readonly LeftOut[];
  /** Of how the files lie. */
  readonly warnings: readonly string[];
  /** Sentences about images that are equal pixel by pixel. */
  readonly equalImages: readonly string[];
}

const EXAMPLES = 3;

/** Files by reason, most frequent reasons first. */
export function summarizeLeftOut(files: readonly LeftOutFile[]): LeftOut[] {
  const byReason = new Map<string, string[]>();
  for (const { path, reason } of files) {
    const known = byReason.get(reason);
    if (known) known.push(path);
    else byReason.set(reason, [path]);
  }
  return [...byReason]
    .map(([reason, paths]) => ({ reason, count: paths.length, examples: paths.sort().slice(0, EXAMPLES) }))
    .sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1));
}
