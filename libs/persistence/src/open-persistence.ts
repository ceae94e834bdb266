/** Everything the laboratory keeps in Postgres, over one pool. */
import type { EventFeed, ExperimentStore, RunStore } from '@airmeta/lab';
import { openDatabase, type DatabaseOptions } from './database.js';
import { createEventFeed } from './event-feed.js';
import { createExperimentStore } from './experiment-store.js';
import { createRunStore } from './run-store.js';

export interface Persistence {
  readonly experiments: ExperimentStore;
  readonly runs: RunStore;
  readonly events: EventFeed;
  /** Resolves when the database answers. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the stores on a migrated database.
 * @throws DatabaseUnavailableError
 */
export async function openPersistence(options: DatabaseOptions): Promise<Persistence> {
  const database = await openDatabase(options);
  return {
    experiments: createExperimentStore(database),
    runs: createRunStore(database),
    events: createEventFeed(database),
    ping: () => database.ping(),
    close: () => database.close(),
  };
}
