/** From text to a document: YAML, and JSON because it is YAML. */
import { Lexer, parseDocument, Parser, type CST } from 'yaml';
import { InvalidSpecificationError } from './fault.js';
import { MAX_DEPTH } from './json-value.js';

/** Characters of a specification's text. A list of 100,000 numbers still fits, and gets its own sentence later. */
const MAX_CHARACTERS = 1_000_000;
/** Keys of one mapping: the parser compares each with each. */
const MAX_KEYS = 500;

function refuse(message: string): never {
  throw new InvalidSpecificationError([{ pointer: '', message }]);
}

function refuseDepth(): never {
  return refuse(`mappings and lists stand more than ${MAX_DEPTH} levels inside one another`);
}

/** What opens a level in the lexer's tokens. */
const OPENING = new Set(['[', '{', '-', '?']);

/**
 * Refuses text that would make the YAML composer recurse without end or compare keys for minutes. The lexer stops the
 * text that opens level after level; the concrete syntax tree, which is built without recursion, tells the rest.
 */
function refuseHostileShape(text: string): void {
  if (text.length > MAX_CHARACTERS) refuse(`the text has ${text.length} characters; allowed are at most ${MAX_CHARACTERS}`);
  let flowDepth = 0;
  let inARow = 0;
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') flowDepth++;
    if (token === ']' || token === '}') flowDepth = Math.max(0, flowDepth - 1);
    inARow = OPENING.has(token) ? inARow + 1 : /^ *$/.test(token) ? inARow : 0;
    if (flowDepth > MAX_DEPTH || inARow > MAX_DEPTH) refuseDepth();
  }
  for (const root of new Parser().parse(text)) {
    const waiting: { readonly token: CST.Token; readonly depth: number }[] = [{ token: root, depth: 0 }];
    for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) {
      const { token, depth } = item;
      if (depth > MAX_DEPTH) refuseDepth();
      if (token.type === 'document' && token.value) waiting.push({ token: token.value, depth });
      if (!('items' in token)) continue;
      const isMap = token.type === 'block-map' || (token.type === 'flow-collection' && token.start.source === '{');
      if (isMap && token.items.length > MAX_KEYS) refuse(`a mapping has ${token.items.length} keys; allowed are at most ${MAX_KEYS}`);
      for (const { key, value } of token.items) {
        if (key && 'items' in key) refuse('a key of a mapping is a mapping or a list; keys are texts');
        if (value) waiting.push({ token: value, depth: depth + 1 });
      }
    }
  }
}

/** The first line of a parser's message, which says what and where; the lines after it draw the place. */
function firstLine(message: string): string {
  return message.split('\n', 1)[0].replace(/:$/, '').replace('; please use YAML.parseAllDocuments()', '');
}

/**
 * Reads a specification's text, YAML or JSON (which is YAML).
 * @throws InvalidSpecificationError when the text is not one YAML document, with one fault: what follows a syntax error
 * is rarely meant as it reads
 */
export function readSpecificationText(text: string): unknown {
  refuseHostileShape(text);
  const document = parseDocument(text, { uniqueKeys: true, prettyErrors: true, version: '1.2', logLevel: 'silent' });
  const error = [...document.errors, ...document.warnings].at(0);
  if (error) refuse(firstLine(error.message));
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    refuse(error instanceof Error ? firstLine(error.message) : String(error));
  }
  if (value === null || value === undefined) refuse('the document is empty; expected a mapping with version, name and base');
  return value;
}
