/** Errors of the database that a caller can expect, told from those that are bugs. */
import { connectionFault, innerFailures } from './availability.js';
import { DatabaseUnavailableError, PersistenceError, StorageFullError } from './errors.js';

/** SQLSTATE of a write that found no room, and of a limit that an administrator has set to it. */
const DISK_FULL = '53100';

/** Whether the database, in whatever layer's words, says that its disk is full. */
function isStorageFull(error: unknown): boolean {
  return innerFailures(error).some(({ code, originalCode }) => code === DISK_FULL || originalCode === DISK_FULL);
}

/** The error as a `PersistenceError` when it is one that can be expected; otherwise as it is. */
export function databaseFailure(error: unknown): unknown {
  if (error instanceof PersistenceError) return error;
  if (isStorageFull(error)) return new StorageFullError({ cause: error });
  const fault = connectionFault(error);
  return fault === undefined ? error : new DatabaseUnavailableError(fault, { cause: error });
}
