import { type QueueBackend } from './backend.js';
/**
 * Brings BullMQ's tables up to date; Redis needs nothing. Usually this is one read. When there is something to do,
 * `runMigrations` does it in one transaction behind an advisory lock, so of several processes that start together one
 * migrates and the others find it done.
 */
export declare function prepareBackend(backend: QueueBackend): Promise<void>;
//# sourceMappingURL=prepare-backend.d.ts.map