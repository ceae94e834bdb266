import type { IQueueBackend } from 'bullmq';
/**
 * Makes a BullMQ backend behave while its database is away. BullMQ 6.7 waits between attempts only when the connection
 * is refused; any other error (the server is starting up, a table is gone) makes its worker ask again at once, some
 * thousand times a second. It also takes an error while it waits for a job as "nothing to do for an hour" on
 * PostgreSQL and relies on a notification, which may have been lost with the connection.
 *
 * @param pauseMs wait after a failed fetch
 */
export declare function patient<B extends IQueueBackend>(backend: B, pauseMs: number): B;
//# sourceMappingURL=patient-backend.d.ts.map