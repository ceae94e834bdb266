import { describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor, isTime } from './cursor.js';

describe('a cursor', () => {
  it('is read as it was written', () => {
    const key = ['2026-02-28T23:59:59.999Z', '7'];
    expect(decodeCursor(encodeCursor(key), [isTime, /^\d+$/])).toEqual(key);
  });

  it.each(['9999-99-99T99:99:99.999Z', '2026-02-30T00:00:00.000Z', '2026-01-01T24:00:00.000Z', '0000-01-01T00:00:00.000Z', '2026-01-01'])(
    'is refused with a time that the database does not have: %s',
    (time) => {
      expect(() => decodeCursor(encodeCursor([time]), [isTime])).toThrow('is not a cursor of this list');
    },
  );

  it('is refused with too few or too many parts, and when it is written otherwise', () => {
    expect(() => decodeCursor(encodeCursor(['1', '2']), [/^\d$/])).toThrow('is not a cursor');
    expect(() => decodeCursor(encodeCursor([]), [/^\d$/])).toThrow('is not a cursor');
    expect(() => decodeCursor(`${encodeCursor(['1'])}=`, [/^\d$/])).toThrow('is not a cursor');
  });
});
