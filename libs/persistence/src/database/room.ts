/** Whether the database has room to write: PostgreSQL itself notices when it has none only where somebody writes. */
import { innerFailures } from './availability.js';

/** So long what was seen last is believed. */
const BELIEVED_MS = 10_000;

/** About 700 KB, in a table that goes with the transaction: space in the lab's own tables may be free while the disk is full. */
export const WRITE_SOMETHING = 'CREATE TEMPORARY TABLE airmeta_room ON COMMIT DROP AS SELECT generate_series(1, 20000) AS line';

/** Of a user who may make no temporary tables: whether there is room is then not known before somebody writes. */
const MAY_NOT = '42501';

export interface RoomWatch {
  /** Tries to write when that was not tried for a while. @throws what the write fails with */
  require(): Promise<void>;
  /** A write found no room: the next who asks tries. */
  noteFull(): void;
}

export function watchRoom(write: () => Promise<void>, now: () => number = () => performance.now()): RoomWatch {
  let seenAt = Number.NEGATIVE_INFINITY;
  return {
    async require() {
      if (now() - seenAt < BELIEVED_MS) return;
      try {
        await write();
      } catch (error) {
        if (!innerFailures(error).some(({ code, originalCode }) => code === MAY_NOT || originalCode === MAY_NOT)) throw error;
      }
      seenAt = now();
    },
    noteFull() {
      seenAt = Number.NEGATIVE_INFINITY;
    },
  };
}
