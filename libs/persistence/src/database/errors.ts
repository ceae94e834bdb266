/** Failures a caller can expect and act upon; each has a code. Anything else that is thrown is a bug. */

export type PersistenceErrorCode =
  | 'database-unavailable'
  | 'database-unsuitable'
  | 'database-newer'
  | 'migration-failed'
  | 'storage-full'
  | 'invalid-cursor'
  | 'backup-refused';

export abstract class PersistenceError extends Error {
  abstract readonly code: PersistenceErrorCode;
}

/** The database does not answer, refuses us, or went away in the middle. Trying again later can help. */
export class DatabaseUnavailableError extends PersistenceError {
  override readonly name = 'DatabaseUnavailableError';
  readonly code = 'database-unavailable';
  constructor(reason: string, options: { readonly cause: unknown }) {
    super(`the database is not available: ${reason}`, options);
  }
}

/** The database answers, and no lab can live in it as it is; the message says what to change. Nothing was written. */
export class DatabaseUnsuitableError extends PersistenceError {
  override readonly name = 'DatabaseUnsuitableError';
  readonly code = 'database-unsuitable';
}

/** The database has no room left to write. Nothing of what was to be written is there; reading goes on. */
export class StorageFullError extends PersistenceError {
  override readonly name = 'StorageFullError';
  readonly code = 'storage-full';
  constructor(options: { readonly cause: unknown }) {
    super('the disk of the lab’s database is full: nothing can be stored until whoever runs the lab makes room', options);
  }
}

/** The database has migrations this version does not know: a newer version has been here. */
export class DatabaseNewerError extends PersistenceError {
  override readonly name = 'DatabaseNewerError';
  readonly code = 'database-newer';
  constructor(readonly migrations: readonly string[]) {
    super(`the database has been migrated by a newer version; unknown here: ${migrations.join(', ')}`);
  }
}

/** A migration's SQL failed. Its script is one transaction, so nothing of it is left behind. */
export class MigrationFailedError extends PersistenceError {
  override readonly name = 'MigrationFailedError';
  readonly code = 'migration-failed';
  constructor(reason: string, options: { readonly cause: unknown }) {
    super(`the database could not be migrated: ${reason}`, options);
  }
}

/** A page cursor that this store did not hand out. */
export class InvalidCursorError extends PersistenceError {
  override readonly name = 'InvalidCursorError';
  readonly code = 'invalid-cursor';
  constructor(cursor: string) {
    super(`"${cursor.slice(0, 80)}" is not a cursor of this list`);
  }
}

/** A backup that cannot be restored, here or at all; the message says what to do. Nothing was written. */
export class BackupRefusedError extends PersistenceError {
  override readonly name = 'BackupRefusedError';
  readonly code = 'backup-refused';
}
