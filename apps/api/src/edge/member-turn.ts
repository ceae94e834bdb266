/** Questions about all runs of an experiment: those of one member wait for one another, and two members' go on beside each other. */
import { currentCaller } from '../access/session-context.js';
import { memberKey, MemberQueue } from './member-queue.js';

const questions = new MemberQueue({ what: 'questions about whole experiments', atOnce: 2, perMember: 1, waiting: 50 });

/** Whoever asks first is who waits; others that ask the same meanwhile share the answer. What no member asks for waits for nobody. */
export function inMemberTurn<T>(work: () => Promise<T>): Promise<T> {
  const caller = currentCaller();
  return caller === undefined ? work() : questions.run(memberKey(caller), work);
}
