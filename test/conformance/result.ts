/** One compared quantity. */
export interface ConformanceResult {
  readonly file: string;
  readonly case: string;
  readonly quantity: string;
  /** What was reached, in the unit of `tolerance`. */
  readonly error: number;
  readonly tolerance: number;
  readonly unit: string;
  readonly passed: boolean;
}

/** ||a - b|| / ||b||. */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let error = 0;
  let norm = 0;
  for (let index = 0; index < b.length; index++) {
    error += (a[index] - b[index]) ** 2;
    norm += b[index] ** 2;
  }
  return a.length !== b.length ? Infinity : norm > 0 ? Math.sqrt(error / norm) : Math.sqrt(error);
}

/** max |a - b|. */
export function largestError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let largest = 0;
  for (let index = 0; index < b.length; index++) largest = Math.max(largest, Math.abs(a[index] - b[index]));
  return Number.isNaN(largest) ? Infinity : largest;
}

/** Collects results of one file. */
export class Comparison {
  readonly results: ConformanceResult[] = [];

  constructor(
    private readonly file: string,
    private readonly caseName: string,
  ) {}

  /** Passes when error <= tolerance. */
  atMost(quantity: string, error: number, tolerance: number, unit: string): void {
    this.results.push({ file: this.file, case: this.caseName, quantity, error, tolerance, unit, passed: error <= tolerance });
  }
}
