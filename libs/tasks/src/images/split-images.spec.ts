import { describe, expect, it } from 'vitest';

import { chooseTestGroups } from './split-images.js';

const ALPHABETS = ['Balinese', 'Greek', 'Korean', 'Latin'];
const WORDS = { one: 'alphabet', many: 'alphabets', option: 'testAlphabets' };

describe('choosing test groups', () => {
  it('takes a count from the end', () => {
    expect([...chooseTestGroups('fixture', ALPHABETS, 2, WORDS)]).toEqual(['Korean', 'Latin']);
  });

  it('says which alphabets there are when one is unknown', () => {
    expect(() => chooseTestGroups('fixture', ALPHABETS, ['Klingon'], WORDS)).toThrow(
      /^fixture: .*"Klingon".*Balinese, Greek, Korean, Latin/,
    );
  });

  it.each([0, 4, 5])('refuses %i of four alphabets', (count) => {
    expect(() => chooseTestGroups('fixture', ALPHABETS, count, WORDS)).toThrow(/allowed are 1 to 3/);
  });

  it('refuses to leave no training alphabet', () => {
    expect(() => chooseTestGroups('fixture', ALPHABETS, ALPHABETS, WORDS)).toThrow(/allowed are 1 to 3/);
  });

  it('says that one group cannot be split', () => {
    expect(() => chooseTestGroups('fixture', ['Greek'], 1, WORDS)).toThrow(/a split by alphabet needs at least 2/);
  });
});
