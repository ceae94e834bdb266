import { describe, expect, it } from 'vitest';
import { answerTogether } from './answer-together.js';

/** A reader whose answers come when they are told to: the number of the look, and what was asked. */
function slowReader() {
  const looks: { readonly asked: string; resolve: () => void; reject: (error: Error) => void }[] = [];
  const ask = answerTogether(
    (asked: string) =>
      new Promise<string>((resolve, reject) => {
        const number = looks.length + 1;
        looks.push({ asked, resolve: () => resolve(`${asked} ${number}`), reject });
      }),
  );
  return { ask, looks };
}

/** Lets everything happen that waits for nothing. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('answerTogether', () => {
  it('looks once for all who ask while a look is under way, and begins that look after they have asked', async () => {
    const { ask, looks } = slowReader();
    const first = ask('a');
    const others = [ask('a'), ask('a'), ask('a')];
    await settle();
    expect(looks).toHaveLength(1);
    looks[0].resolve();
    expect(await first).toBe('a 1');
    await settle();
    expect(looks).toHaveLength(2);
    const late = ask('a');
    looks[1].resolve();
    expect(await Promise.all(others)).toEqual(['a 2', 'a 2', 'a 2']);
    await settle();
    looks[2].resolve();
    expect(await late).toBe('a 3');
  });

  it('does not wait for an answer that does not come', async () => {
    let looks = 0;
    const ask = answerTogether(
      () => (++looks === 1 ? new Promise<string>(() => undefined) : Promise.resolve('answered')),
      () => 'key',
      1,
    );
    void ask();
    expect(await ask()).toBe('answered');
  });

  it('tells questions apart', async () => {
    const { ask, looks } = slowReader();
    const answers = [ask('a'), ask('b')];
    await settle();
    looks.forEach(({ resolve }) => resolve());
    expect(await Promise.all(answers)).toEqual(['a 1', 'b 2']);
  });

  it('tells of an error those whose look it was, and looks again for the next', async () => {
    const { ask, looks } = slowReader();
    const first = ask('a');
    const second = ask('a');
    looks[0].reject(new Error('away'));
    await expect(first).rejects.toThrow('away');
    await settle();
    looks[1].resolve();
    expect(await second).toBe('a 2');
    const third = ask('a');
    looks[2].resolve();
    expect(await third).toBe('a 3');
  });
});
