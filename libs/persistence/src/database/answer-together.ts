/** Questions that many ask at once are answered once. */

/** Nobody waits longer for an answer that was begun before: it may be that of a connection that is dead without knowing it. */
const PATIENCE_MS = 30_000;

/** Resolves when `over` does, which never rejects, or after `ms`. */
function patiently(over: Promise<void>, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms).unref();
    void over.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/**
 * Makes those who ask the same while an answer is on its way share the next one. An answer is never older than the question: one that is
 * being found already may have read what has changed since, so the next is begun when it is there, for all who came meanwhile. Answers are
 * shared, and must not be changed.
 * @param keyOf what tells questions apart
 */
export function answerTogether<Question extends readonly unknown[], Answer>(
  find: (...question: Question) => Promise<Answer>,
  keyOf: (...question: Question) => string = (...question) => JSON.stringify(question),
  patienceMs = PATIENCE_MS,
): (...question: Question) => Promise<Answer> {
  const current = new Map<string, Promise<void>>();
  const next = new Map<string, Promise<Answer>>();

  const begin = (key: string, question: Question): Promise<Answer> => {
    const answer = find(...question);
    const over = answer.then(
      () => undefined,
      () => undefined, // told to those who asked
    );
    current.set(key, over);
    void over.then(() => {
      if (current.get(key) === over) current.delete(key);
    });
    return answer;
  };

  return (...question) => {
    const key = keyOf(...question);
    const awaited = next.get(key);
    if (awaited) return awaited;
    const before = current.get(key);
    if (!before) return begin(key, question);
    const answer = patiently(before, patienceMs).then(() => {
      next.delete(key);
      return begin(key, question);
    });
    next.set(key, answer);
    return answer;
  };
}
