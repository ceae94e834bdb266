import { assertSchemaCompatibility, LATEST_SCHEMA_VERSION, runMigrations, SchemaMigrationRequiredError } from 'bullmq';
import pg from 'pg';
import { CONNECT_TIMEOUT_MS, QUEUE_SCHEMA } from './backend.js';
/**
 * Brings BullMQ's tables up to date; Redis needs nothing. Usually this is one read. When there is something to do,
 * `runMigrations` does it in one transaction behind an advisory lock, so of several processes that start together one
 * migrates and the others find it done.
 */
export async function prepareBackend(backend) {
    if (backend.kind === 'redis')
        return;
    const client = new pg.Client({
        connectionString: backend.connectionString,
        connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
        application_name: 'airmeta-queue',
    });
    client.on('error', () => undefined); // the query that was running rejects; an idle loss needs no second report
    await client.connect();
    try {
        if ((await schemaVersion(client)) < LATEST_SCHEMA_VERSION)
            await runMigrations(client, QUEUE_SCHEMA);
    }
    finally {
        await client.end();
    }
}
async function schemaVersion(client) {
    try {
        return await assertSchemaCompatibility(client, QUEUE_SCHEMA);
    }
    catch (error) {
        if (error instanceof SchemaMigrationRequiredError)
            return 0;
        throw error;
    }
}
//# sourceMappingURL=prepare-backend.js.map