import { CONNECT_TIMEOUT_MS } from './backend.js';
import { within } from './deadline.js';
/** How long a polite goodbye to the database may take before the sockets are dropped. */
const CLOSE_TIMEOUT_MS = 3_000;
/**
 * Waits until the connection is up. ioredis would try for ever; whoever starts a process wants to know within seconds
 * that the address is wrong.
 */
export async function ready(connected) {
    let lastError;
    const remember = (error) => void (lastError = error);
    connected.on('error', remember);
    try {
        await within(connected.waitUntilReady(), CONNECT_TIMEOUT_MS, `the queue's database did not answer within ${CONNECT_TIMEOUT_MS / 1000} s`);
        return connected;
    }
    catch (error) {
        await hangUp(connected, connected.close());
        throw lastError === undefined
            ? error
            : new Error(`the queue's database cannot be reached: ${lastError.message || String(lastError)}`, { cause: error });
    }
    finally {
        connected.off('error', remember);
    }
}
/**
 * Waits for `closing`, but not for a database that has gone away: then the sockets are dropped. `busy` says that
 * something else still keeps it from closing, which is waited for without a limit.
 */
export async function hangUp(connected, closing, busy = () => false) {
    do {
        try {
            return await within(closing, CLOSE_TIMEOUT_MS, 'the queue was not closed in time');
        }
        catch {
            // Look again, or give up.
        }
    } while (busy());
    void connected.disconnect().catch(() => undefined);
}
//# sourceMappingURL=connection.js.map