/** Long lists whose items take a while to answer with: a few at a time, and members in turn. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { currentSession } from '../access/session-context.js';
import { memberKey, MemberQueue } from '../edge/member-queue.js';

/** Items that are answered with in one turn of the event loop: some milliseconds. */
const ITEMS_OF_A_TURN = 20;

/** Of one member, more than this many turns are those of many large pages at once. */
const turns = new MemberQueue({ what: 'pages', atOnce: 1, perMember: 1, waiting: 10_000 });

/**
 * Items that come a few a turn, whoever asks: fields of an item are read as soon as it is there, so that in between others have their turn.
 * @throws QueueFullError as a rejection of items, when the member asks for too many at once
 */
export function inTurns<T>(items: readonly T[]): Promise<T>[] {
  const member = memberKey(currentSession().caller);
  let turn: Promise<unknown> | undefined;
  return items.map((item, index) => {
    if (turn === undefined || index % ITEMS_OF_A_TURN === 0) turn = turns.run(member, () => nextTurn());
    return turn.then(() => item);
  });
}
