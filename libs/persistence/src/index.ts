export { backupDatabase, type BackupContents } from './backup/backup.js';
export { POOL_SIZE, type DatabaseOptions } from './database/database.js';
export {
  BackupRefusedError,
  DatabaseNewerError,
  DatabaseUnavailableError,
  DatabaseUnsuitableError,
  InvalidCursorError,
  MigrationFailedError,
  PersistenceError,
  type PersistenceErrorCode,
  StorageFullError,
} from './database/errors.js';
export { settleDatabase, type SettledDatabase, type SettleOptions } from './database/settle-database.js';
export { migrateDatabase } from './schema/migrate.js';
export { openPersistence, type Persistence } from './open-persistence.js';
export { restoreDatabase, type RestoredContents } from './backup/restore.js';
