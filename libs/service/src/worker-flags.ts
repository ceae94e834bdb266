/**
 * Flags of Node for worker processes. Workers make little garbage and keep their numbers outside the heap, so a small young generation does,
 * and saves 80 MB; and a core that is not computing this run is computing another one, so garbage is collected on the thread that made it.
 */
export const WORKER_FLAGS: readonly string[] = ['--max-semi-space-size=1', '--single-threaded-gc', '--optimize-for-size'];
