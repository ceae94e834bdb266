import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expandExperiment } from './expand-sweep.js';
import { InvalidSpecificationError, type Fault } from './fault.js';
import { readSpecificationText } from './specification-text.js';

function faultsOfText(text: string): readonly Fault[] {
  try {
    expandExperiment(readSpecificationText(text));
  } catch (error) {
    if (error instanceof InvalidSpecificationError) return error.faults;
    throw error;
  }
  return [];
}

const laughs = [
  'a: &a [x,x,x,x,x,x,x,x,x]',
  ...[...'bcdefghi'].map((key, index) => `${key}: &${key} [${Array(9).fill(`*${'abcdefghi'[index]}`).join(',')}]`),
];

describe('text that is no document', () => {
  it.each([
    ['nothing', '', 'the document is empty; expected a mapping with version, name and base'],
    ['a comment', '# later', 'the document is empty'],
    ['null', 'null', 'the document is empty'],
    ['a text', 'hello', 'expected a mapping with version, name and base, not the text "hello"'],
    ['a number', '3', 'not 3'],
    ['a list', '- 1', 'not a list'],
    ['a key twice', 'a: 1\nb:\n  c: 1\n  c: 2', 'Map keys must be unique, at line 4, column 3'],
    ['a tab', 'a:\n\tb: 1', 'Tabs are not allowed as indentation, at line 2, column 1'],
    ['two documents', 'a: 1\n---\nb: 2', 'Source contains multiple documents, at line 2, column 1'],
    ['broken JSON', '{"version": 1,, "name": }', 'at line 1, column'],
    ['a list as key', '? [a]\n: 1', 'a key of a mapping is a mapping or a list; keys are texts'],
    ['an alias of a list as key', 'a: &a [1]\n*a : 1', 'a key of a mapping is a mapping or a list; keys are texts'],
    ['bytes as key', '? !!binary aGk=\n: 1', 'a key of a mapping is a mapping or a list; keys are texts'],
    ['a foreign tag', 'a: !!js/function x', 'Unresolved tag'],
    ['an anchor that is not there', 'a: *b', 'Unresolved alias'],
    ['a billion laughs', laughs.join('\n'), 'Excessive alias count'],
    ['too much text', `a: ${'x'.repeat(1_000_000)}`, 'the text has 1000003 characters; allowed are at most 1000000'],
    [
      'too many keys',
      Array.from({ length: 2000 }, (_, key) => `k${key}: 1`).join('\n'),
      'a mapping has 2000 keys; allowed are at most 500',
    ],
  ])('gives one clear fault: %s', (_, text, sentence) => {
    const faults = faultsOfText(text);
    expect(faults).toHaveLength(1);
    expect(faults[0].pointer).toBe('');
    expect(faults[0].message).toContain(sentence);
    expect(faults[0].message).not.toContain('\n');
  });

  it.each([
    ['[', '['.repeat(10_000)],
    ['balanced [', '['.repeat(10_000) + ']'.repeat(10_000)],
    ['JSON objects', '{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000)],
    ['- -', '- '.repeat(10_000)],
    ['? ?', '? '.repeat(10_000)],
    ['indentation', Array.from({ length: 500 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
  ])('refuses thousands of levels, which end the process in the YAML parser: %s', (_, text) => {
    const faults = faultsOfText(text);
    expect(faults).toHaveLength(1);
    expect(faults[0].message).toBe('mappings and lists stand more than 64 levels inside one another');
  });

  it.each(['a: &a [*a]', 'a: &a {b: {c: *a}}', '&a {b: *a}'])('says of a value that is part of itself that it is: %s', (text) => {
    const faults = faultsOfText(text);
    expect(faults).toHaveLength(1);
    expect(faults[0].message).toBe('a mapping or list is part of itself: an alias stands inside its own anchor');
  });

  it.each(['}{', '!a ', '&a ', '[[]]', 'a: b: c\n', '"', '%a\n', '-\n', '{a: [[],', ':', '|\na\n'])(
    'comes to an end with a megabyte of %j',
    (piece) => {
      expect(faultsOfText(piece.repeat(Math.floor(1_000_000 / piece.length))).length).toBeGreaterThan(0);
    },
  );

  it('names a key that stands twice in JSON', () => {
    expect(faultsOfText('{"version": 1, "base": {"list": [0, {"a\\/b": 1, "x": "a\\/b:{", "a/b": 2}]}, "version": 1}')).toEqual([
      { pointer: '/base/list/1/a~1b', message: 'this key stands here twice' },
      { pointer: '/version', message: 'this key stands here twice' },
    ]);
  });
});

describe('values that JSON does not have', () => {
  it('are faults, each where it is', () => {
    expect(
      faultsOfText('a: .nan\nb: {c: [-.inf, 1e999]}\n__proto__: {x: 1}\nd: "\\ud800"\ne: "\\0"\n"\\e[31m": 1').map(
        ({ pointer }) => pointer,
      ),
    ).toEqual(['/a', '/b/c/0', '/b/c/1', '/__proto__', '/d', '/e', '/\u001b[31m']);
    expect(faultsOfText('a: .nan')).toEqual([
      { pointer: '/a', message: expect.stringContaining('NaN is not a number that JSON has') as string },
    ]);
    expect(faultsOfText('a: !!binary aGk=')).toEqual([
      { pointer: '/a', message: expect.stringContaining('expected plain JSON') as string },
    ]);
  });
});

describe('any text', () => {
  it('is a document or refused in good order', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => void faultsOfText(text)),
      { numRuns: 1000 },
    );
  });

  it('made of YAML’s own signs too', () => {
    const signs = fc.constantFrom(
      'a',
      'b',
      ':',
      ': ',
      '- ',
      '? ',
      '[',
      ']',
      '{',
      '}',
      ',',
      '\n',
      '\n ',
      '\n  ',
      '&a ',
      '*a',
      '!!str ',
      '|',
      '>',
      '"',
      "'",
      '#',
      '%',
      '---\n',
      '...\n',
      '\t',
      '<<',
      '.nan',
      '~',
      '0x1',
      '\ud800',
      '\0',
      '\ufeff',
    );
    fc.assert(
      fc.property(fc.array(signs, { maxLength: 60 }), (parts) => void faultsOfText(parts.join(''))),
      { numRuns: 3000 },
    );
  });

  it('reads JSON as JSON does', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string().filter((key) => key !== '__proto__'),
          fc.jsonValue(),
          { minKeys: 1 },
        ),
        (value) => {
          expect(readSpecificationText(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value)));
        },
      ),
    );
  });
});
