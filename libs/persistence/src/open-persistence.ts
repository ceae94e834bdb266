/** Everything the laboratory keeps in Postgres, over one pool. */
import type { AccessStore, DiskStore, EventFeed, ExperimentStore, LabFiguresReader, RunStore, Session } from '@airmeta/lab';
import { createAccessStore } from './access/access-store.js';
import { createDiskStore } from './disk/disk-store.js';
import { openDatabase, type DatabaseOptions } from './database/database.js';
import type { InTurn } from './database/in-turn.js';
import { createEventFeed } from './experiments/event-feed.js';
import { createExperimentReads } from './experiments/experiment-reads.js';
import { createExperimentStore } from './experiments/experiment-store.js';
import { readLabFigures } from './results/lab-figures.js';
import { createRunStore } from './runs/run-store.js';
import { createTraceContexts, type TraceContexts } from './experiments/trace-context.js';
import { onlyVisible } from './access/visible-experiments.js';

export interface Persistence {
  /** Everything, for the laboratory itself. */
  readonly experiments: ExperimentStore;
  /** What one session sees, and its changes logged under its name. */
  experimentsOf(session: Session): ExperimentStore;
  readonly access: AccessStore;
  readonly disk: DiskStore;
  readonly runs: RunStore;
  readonly events: EventFeed;
  readonly figures: LabFiguresReader;
  readonly traces: TraceContexts;
  /** Resolves when the database answers. */
  ping(): Promise<void>;
  /** Resolves when the database has room to write, as of the last seconds. @throws StorageFullError */
  requireRoom(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the stores on a migrated database.
 * @param inTurn begins work that reads all runs of an experiment when it may; at once by default
 * @throws DatabaseUnavailableError
 */
export async function openPersistence(options: DatabaseOptions, inTurn: InTurn = (work) => work()): Promise<Persistence> {
  const database = await openDatabase(options);
  const reads = createExperimentReads(database, inTurn);
  return {
    experiments: createExperimentStore(database, reads),
    experimentsOf: (session) => onlyVisible(database, session, createExperimentStore(database, reads, session)),
    access: createAccessStore(database),
    disk: createDiskStore(database),
    runs: createRunStore(database),
    events: createEventFeed(database),
    traces: createTraceContexts(database),
    figures: { read: () => readLabFigures(database) },
    ping: () => database.ping(),
    requireRoom: () => database.requireRoom(),
    close: () => database.close(),
  };
}
