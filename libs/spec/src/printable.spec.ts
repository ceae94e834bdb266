import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable, printableJson } from './printable.js';

describe('a printable text', () => {
  it('has what a terminal would obey written out', () => {
    expect(printable('a\u001b[31m\u009b1A\n\t\u202eb\u2066\u200f')).toBe(String.raw`a\u001b[31m\u009b1A\u000a\u0009\u202eb\u2066\u200f`);
  });

  it('is otherwise as it was', () => {
    expect(printable('Grüße, 漢字 🙂 \\u0041')).toBe('Grüße, 漢字 🙂 \\u0041');
  });

  it('is JSON of the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(printableJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
    expect(printableJson({ name: '\u009b\u202e' })).toBe(String.raw`{"name":"\u009b\u202e"}`);
  });
});
