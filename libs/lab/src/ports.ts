/**
 * What the laboratory needs from the outside. Postgres owns the truth behind `ExperimentStore`, `RunStore` and
 * `EventFeed`; `JobQueue` only dispatches and may lose everything; `Simulator` does the work. Times are the database's.
 */
export * from './ports/page.js';
export * from './ports/experiment.js';
export * from './ports/results.js';
export * from './ports/experiment-store.js';
export * from './ports/run-store.js';
export * from './ports/event-feed.js';
export * from './ports/job-queue.js';
export * from './ports/simulator.js';
export * from './ports/dataset-reader.js';
export * from './ports/specification-reader.js';
