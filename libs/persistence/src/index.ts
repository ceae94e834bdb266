export type { DatabaseOptions } from './database.js';
export {
  DatabaseNewerError,
  DatabaseUnavailableError,
  InvalidCursorError,
  MigrationFailedError,
  PersistenceError,
  type PersistenceErrorCode,
} from './errors.js';
export { migrateDatabase } from './migrate.js';
export { openPersistence, type Persistence } from './open-persistence.js';
