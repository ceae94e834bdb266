import { setTimeout as delay } from 'node:timers/promises';
/** Longest wait for a job without asking the database, in seconds. */
const LONGEST_WAIT_SECONDS = 5;
/**
 * Makes a BullMQ backend behave while its database is away. BullMQ 6.7 waits between attempts only when the connection
 * is refused; any other error (the server is starting up, a table is gone) makes its worker ask again at once, some
 * thousand times a second. It also takes an error while it waits for a job as "nothing to do for an hour" on
 * PostgreSQL and relies on a notification, which may have been lost with the connection.
 *
 * @param pauseMs wait after a failed fetch
 */
export function patient(backend, pauseMs) {
    const fetch = backend.moveToActive.bind(backend);
    backend.moveToActive = async (token, name) => {
        try {
            return await fetch(token, name);
        }
        catch (error) {
            await delay(pauseMs);
            throw error;
        }
    };
    Object.defineProperty(backend, 'maximumBlockTimeout', { value: LONGEST_WAIT_SECONDS });
    return backend;
}
//# sourceMappingURL=patient-backend.js.map