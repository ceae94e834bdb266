import type { DiskStore } from '@airmeta/lab';
import { byteSize } from '@airmeta/spec';
import { appendAudit } from '../access/audit-log.js';
import type { Database } from '../database/database.js';
import { Prisma } from '../generated/client.js';
import { readReport, readUsage } from './disk-report.js';
import { previewPrune, prune } from './prune.js';

export function createDiskStore(database: Database): DiskStore {
  return {
    usage: () => readUsage(database),
    report: () => readReport(database),
    async setLimit(session, keptBytesLimit) {
      await database.transaction(async (tx) => {
        await tx.$executeRaw(Prisma.sql`
          INSERT INTO retention (id, kept_bytes_limit) VALUES (1, ${keptBytesLimit}::bigint)
          ON CONFLICT (id) DO UPDATE SET kept_bytes_limit = excluded.kept_bytes_limit`);
        const target = keptBytesLimit === null ? 'no limit' : byteSize(keptBytesLimit);
        await appendAudit(tx, session, { operation: 'disk:set-limit', target, outcome: 'done' });
      });
      return readUsage(database);
    },
    choose: (choice) => previewPrune(database, choice),
    prune: (session, choice) => prune(database, session, choice),
  };
}
