import { describe, expect, it } from 'vitest';
import { arithmeticNote } from './arithmetic-note.js';

describe('a note on arithmetics', () => {
  it('is none where there is one, or no result', () => {
    expect(arithmeticNote([])).toBeNull();
    expect(arithmeticNote([{ arithmetic: 'fused-fma 1', runs: 9 }])).toBeNull();
  });

  it('says which there are, and how many runs each has computed', () => {
    const note = arithmeticNote([
      { arithmetic: 'fused-fma 1', runs: 9 },
      { arithmetic: null, runs: 1 },
    ]);
    expect(note).toContain('from 2 arithmetics, which give other last bits: 9 runs on fused-fma 1; 1 run on one that was not recorded.');
  });
});
