/** From text to a document: YAML, and JSON because it is YAML. */
import { isAlias, isScalar, Lexer, parseDocument, Parser, visit, type CST, type Document, type YAMLError } from 'yaml';
import { InvalidSpecificationError } from './fault.js';
import { readJsonText } from './json-text.js';
import { MAX_DEPTH } from './json-value.js';

/** Characters of a specification's text. */
const MAX_CHARACTERS = 1_000_000;
/** Pieces of YAML, at some ten microseconds each: three times what a sweep of the most points can need. */
const MAX_TOKENS = 100_000;
/** Keys of one mapping: the parser compares each with each. */
const MAX_KEYS = 500;

function refuse(message: string): never {
  throw new InvalidSpecificationError([{ pointer: '', message }]);
}

function refuseDepth(): never {
  return refuse(`mappings and lists stand more than ${MAX_DEPTH} levels inside one another`);
}

function refuseKey(): never {
  return refuse('a key of a mapping is a mapping or a list; keys are texts');
}

/** What opens a level in the lexer's tokens. */
const OPENING = new Set(['[', '{', '-', '?']);

/**
 * Refuses text that would make the YAML composer recurse without end or compare keys for minutes. The lexer stops the
 * text that opens level after level; the concrete syntax tree, which is built without recursion, tells the rest.
 */
function refuseHostileShape(text: string): void {
  let tokens = 0;
  let flowDepth = 0;
  let inARow = 0;
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') flowDepth++;
    if (token === ']' || token === '}') flowDepth = Math.max(0, flowDepth - 1);
    inARow = OPENING.has(token) ? inARow + 1 : /^ *$/.test(token) ? inARow : 0;
    if (++tokens > MAX_TOKENS)
      refuse(`the text has more than ${MAX_TOKENS} pieces of YAML (values, keys, punctuation); write less, or write JSON`);
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
        if (key && 'items' in key) refuseKey();
        if (value) waiting.push({ token: value, depth: depth + 1 });
      }
    }
  }
}

/** What a parser says, and where. Its own drawing of the place takes a minute for a long line with many errors. */
function refuseAt(text: string, { message, pos: [offset] }: YAMLError): never {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  const column = offset - before.lastIndexOf('\n');
  return refuse(`${message.replace('; please use YAML.parseAllDocuments()', '')}, at line ${line}, column ${column}`);
}

/** Refuses keys that only the composer can tell for what they are: aliases and tagged texts. It would write a text of its own for them. */
function refuseForeignKeys(document: Document): void {
  visit(document, {
    Pair: (_, { key }) => {
      const meant = isAlias(key) ? key.resolve(document) : key;
      if (meant !== null && meant !== undefined && (!isScalar(meant) || (typeof meant.value === 'object' && meant.value !== null)))
        refuseKey();
    },
  });
}

function readYamlText(text: string): unknown {
  refuseHostileShape(text);
  const document = parseDocument(text, { uniqueKeys: true, prettyErrors: false, version: '1.2' });
  const error = [...document.errors, ...document.warnings].at(0);
  if (error) refuseAt(text, error);
  refuseForeignKeys(document);
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

/**
 * Reads a specification's text, YAML or JSON (which is YAML).
 * @throws InvalidSpecificationError when the text is not one YAML document, with one fault: what follows a syntax error
 * is rarely meant as it reads
 */
export function readSpecificationText(text: string): unknown {
  if (text.length > MAX_CHARACTERS) refuse(`the text has ${text.length} characters; allowed are at most ${MAX_CHARACTERS}`);
  const value = text.trimStart().startsWith('{') ? (readJsonText(text) ?? readYamlText(text)) : readYamlText(text);
  if (value === null || value === undefined) refuse('the document is empty; expected a mapping with version, name and base');
  return value;
}
