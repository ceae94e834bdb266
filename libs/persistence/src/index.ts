export { backupDatabase, type BackupContents } from './backup.js';
export type { DatabaseOptions } from './database.js';
export {
  BackupRefusedError,
  DatabaseNewerError,
  DatabaseUnavailableError,
  InvalidCursorError,
  MigrationFailedError,
  PersistenceError,
  type PersistenceErrorCode,
} from './errors.js';
export { migrateDatabase } from './migrate.js';
export { openPersistence, type Persistence } from './open-persistence.js';
export { restoreDatabase } from './restore.js';
