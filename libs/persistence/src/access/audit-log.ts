/** The append-only log of what members changed, and tried to. */
import { withoutTokens, type AuditEntry, type Operation, type Page, type PageOf, type Session } from '@airmeta/lab';
import { printable, type AuditOutcome } from '@airmeta/spec';
import { decodeCursor, pageOf } from '../database/cursor.js';
import type { Queryable } from '../database/database.js';
import { storableText } from '../database/storable-text.js';

const NUMBER = /^\d{1,18}$/;

export interface Deed {
  readonly operation: Operation;
  readonly target: string | null;
  readonly outcome: AuditOutcome;
}

const LONGEST_TARGET = 200;

/** As it is kept for ever: what was asked for may be no name at all, and hold a token that was pasted. */
function loggedTarget(target: string): string {
  const seen = printable(withoutTokens(target));
  return storableText(seen.length > LONGEST_TARGET ? `${seen.slice(0, LONGEST_TARGET - 1)}…` : seen);
}

/** Writes a row; within the transaction of a change, so that there is never one without the other. */
export async function appendAudit(tx: Queryable, { caller, requestId }: Session, { operation, target, outcome }: Deed): Promise<void> {
  await tx.auditEntry.create({
    data: {
      memberId: caller.member?.id ?? null,
      member: caller.member?.name ?? null,
      tokenId: caller.token?.id ?? null,
      operation,
      target: target === null ? null : loggedTarget(target),
      outcome,
      requestId: requestId === null ? null : storableText(requestId),
    },
  });
}

/** Newest first. @throws InvalidCursorError */
export async function selectAudit(client: Queryable, { limit, after }: Page): Promise<PageOf<AuditEntry>> {
  const older = after === undefined ? {} : { id: { lt: BigInt(decodeCursor(after, [NUMBER])[0]) } };
  const rows = await client.auditEntry.findMany({ where: older, orderBy: { id: 'desc' }, take: limit + 1 });
  const { items, nextCursor } = pageOf(rows, limit, (row) => [String(row.id)]);
  return { items: items.map(({ memberId: _, ...row }) => ({ ...row, id: String(row.id) })), nextCursor };
}
