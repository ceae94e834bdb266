import { CheckpointError } from '@airmeta/simulation';
import { describe, expect, it } from 'vitest';
import { openSealedCheckpoint, sealCheckpoint } from './sealed-checkpoint.js';

const OWNER = { seed: 7, dataFingerprint: 'ab'.repeat(32) };
const CHECKPOINT = Uint8Array.from({ length: 64 }, (_, index) => index);

describe('a sealed checkpoint', () => {
  it('opens to what was sealed', () => {
    expect(openSealedCheckpoint(OWNER, sealCheckpoint(OWNER, CHECKPOINT))).toEqual(CHECKPOINT);
  });

  it('is refused when any one bit of it has changed', () => {
    const sealed = sealCheckpoint(OWNER, CHECKPOINT);
    for (let bit = 0; bit < 8 * sealed.length; bit++) {
      const changed = sealed.slice();
      changed[bit >> 3] ^= 1 << (bit & 7);
      expect(() => openSealedCheckpoint(OWNER, changed)).toThrow(CheckpointError);
    }
  });

  it.each([0, 31, 32, 95])('is refused when it is cut to %i bytes', (length) => {
    expect(() => openSealedCheckpoint(OWNER, sealCheckpoint(OWNER, CHECKPOINT).subarray(0, length))).toThrow(CheckpointError);
  });

  it('is refused by a run of another seed or of other data', () => {
    const sealed = sealCheckpoint(OWNER, CHECKPOINT);
    expect(() => openSealedCheckpoint({ ...OWNER, seed: 8 }, sealed)).toThrow(CheckpointError);
    expect(() => openSealedCheckpoint({ seed: 7 }, sealed)).toThrow(CheckpointError);
    expect(() => openSealedCheckpoint({ ...OWNER, dataFingerprint: 'cd'.repeat(32) }, sealed)).toThrow(CheckpointError);
  });
});
