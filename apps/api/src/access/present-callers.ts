/**
 * What has become of those whose requests are still being answered: a member may be removed or given another role, and a token revoked or
 * outlived, by any server of the lab, while a live view goes on.
 */
import type { AccessStore, Caller, Credentials } from '@airmeta/lab';
import { callerWith } from './authenticate.js';

export class PresentCallers {
  private waiting: { readonly ids: Set<string>; readonly answer: Promise<ReadonlyMap<string, Credentials>> } | undefined;
  private underWay: Promise<unknown> = Promise.resolve();

  constructor(private readonly access: Pick<AccessStore, 'credentialsOf'>) {}

  /**
   * The caller as of a moment after this call; undefined when the access has ended. All who ask while one question is under way share the
   * next one, so that many views cost no more than a few.
   */
  async now(caller: Caller): Promise<Caller | undefined> {
    if (caller.token === null) return caller;
    const { id } = caller.token;
    this.waiting ??= this.nextQuestion();
    this.waiting.ids.add(id);
    const credentials = (await this.waiting.answer).get(id);
    return credentials?.state === 'valid' ? callerWith(credentials) : undefined;
  }

  private nextQuestion() {
    const ids = new Set<string>();
    const answer = this.underWay.then(async () => {
      this.waiting = undefined;
      return new Map((await this.access.credentialsOf([...ids])).map((credentials) => [credentials.token.id, credentials]));
    });
    this.underWay = answer.catch(() => undefined); // whoever asked is told
    return { ids, answer };
  }
}
