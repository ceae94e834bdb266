import { describe, expect, it } from 'vitest';
import { diskWarnings } from './disk.js';

const GIB = 2 ** 30;
const usage = { databaseBytes: 40 * GIB, freeBytes: 100 * GIB, keptBytes: 10 * GIB, keptBytesLimit: 64 * GIB };

describe('of the disk, it is warned', () => {
  it('of nothing while there is room', () => {
    expect(diskWarnings(usage)).toEqual([]);
    expect(diskWarnings({ ...usage, freeBytes: null, keptBytesLimit: null, keptBytes: 1_000 * GIB })).toEqual([]);
  });

  it('of a limit that is near, or reached', () => {
    expect(diskWarnings({ ...usage, keptBytes: 52 * GIB })).toEqual([
      'parameters and last checkpoints take 52 GiB of the 64 GiB that are allowed; runs that end when all is taken keep none',
    ]);
    expect(diskWarnings({ ...usage, keptBytes: 64 * GIB })[0]).toMatch(
      /^parameters and last checkpoints take 64 GiB, and 64 GiB are allowed: runs that end now keep none/,
    );
  });

  it('of little room, on a small disk and beside a large database', () => {
    expect(diskWarnings({ ...usage, databaseBytes: GIB, freeBytes: GIB })).toEqual([
      'the disk of the database has 1 GiB left: with none, nothing can be submitted and runs wait',
    ]);
    expect(diskWarnings({ ...usage, freeBytes: 3.5 * GIB })).toHaveLength(1);
    expect(diskWarnings({ ...usage, freeBytes: 4 * GIB })).toEqual([]);
  });
});
