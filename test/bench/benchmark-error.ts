/** A benchmark cannot be made here; the message tells the user why, and what would help. */
export class BenchmarkError extends Error {}
