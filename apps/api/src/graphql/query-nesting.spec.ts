import { describe, expect, it } from 'vitest';
import { isNestedTooDeep, MAX_NESTING } from './query-nesting.js';

const nested = (open: string, close: string, levels: number) => open.repeat(levels) + close.repeat(levels);

describe('a document is nested too deep', () => {
  it.each([
    ['fields', '{ a ', '}'],
    ['lists', '[', ']'],
    ['arguments', 'a(b: {c: ', '})'],
    ['unclosed levels', '{a', ''],
  ])('by its %s', (_, open, close) => {
    const brackets = open.match(/[[{(]/g)?.length ?? 1;
    expect(isNestedTooDeep(nested(open, close, MAX_NESTING / brackets))).toBe(false);
    expect(isNestedTooDeep(nested(open, close, MAX_NESTING / brackets + 1))).toBe(true);
  });

  it('not by brackets in texts and comments, nor by many one after another', () => {
    expect(isNestedTooDeep(`{ a(b: "${'{'.repeat(1000)}") } # ${'['.repeat(1000)}`)).toBe(false);
    expect(isNestedTooDeep('{ a } '.repeat(1000))).toBe(false);
  });

  it('not where it is no GraphQL, which the parser says', () => {
    expect(isNestedTooDeep('{ a ? b')).toBe(false);
    expect(isNestedTooDeep(`"${'{'.repeat(1000)}`)).toBe(false);
  });
});
