/** A figure: a scalar of a run that has ended, stored with it. */
import type { EventTime } from '@airmeta/numerics';
import type { FinishedRun, SeriesName } from './finished-run.js';

interface FigureDescription {
  /** In camel case, unique. */
  readonly name: string;
  readonly title: string;
  /** Of its values; 1 for a number without a unit. */
  readonly unit: string;
  /** Which is better. */
  readonly direction: 'more' | 'less' | 'none';
  /** What it is, in a sentence or a formula. */
  readonly definition: string;
  /** Where the definition is from: a key of docs/references.md, or a page of the documentation. */
  readonly source: string;
  /** Series that it is computed from. */
  readonly from: readonly SeriesName[];
  /** Least and most possible value of it. */
  readonly range: readonly [least: number, most: number];
  /** Whether it depends on the target, and so on the ideal twin of the same replicate. */
  readonly aimed: boolean;
}

/** A number, of which a mean is told; a share is one that is 0 or 1 of a run, or a fraction. null: the run has none. */
export interface NumberFigure extends FigureDescription {
  readonly kind: 'mean' | 'share';
  readonly of: (run: FinishedRun) => number | null;
}

/** When something happened, as far as evaluations tell. null: nothing was to happen. */
export interface CensoredFigure extends FigureDescription {
  readonly kind: 'censored';
  readonly of: (run: FinishedRun) => EventTime | null;
}

export type Figure = NumberFigure | CensoredFigure;
