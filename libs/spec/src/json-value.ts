/** What a document may be made of, checked before anything else looks at it. */
import { jsonPointer, shown, type Fault } from './fault.js';

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** Levels of mappings and lists inside one another; a specification needs six. */
export const MAX_DEPTH = 64;
/** Values in a document, so that aliases cannot blow it up. */
const MAX_VALUES = 500_000;
const MAX_FAULTS = 20;

/** Control characters other than tab and line ends: terminals obey them, and databases do not store all of them. */
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

function problemWithText(text: string): string | undefined {
  if (!text.isWellFormed()) return 'half of a surrogate pair is not a character';
  return CONTROL.test(text) ? 'control characters are not allowed' : undefined;
}

function problemWithScalar(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return problemWithText(value);
    case 'number':
      return Number.isFinite(value) ? undefined : `${value} is not a number that JSON has; infinite and undefined numbers are not allowed`;
    case 'boolean':
    case 'undefined':
      return undefined;
    default:
      return value === null
        ? undefined
        : `a ${typeof value} is not allowed; a document is made of mappings, lists, texts, numbers, true, false and null`;
  }
}

function problemWithKey(key: string): string | undefined {
  if (key === '__proto__') return 'unknown key "__proto__"';
  const problem = problemWithText(key);
  return problem && `key ${shown(key)}: ${problem}`;
}

function isMapping(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** Whether a value on the way to a place in a document stands inside itself, as an alias inside its own anchor does. */
function isInsideItself(document: unknown, path: readonly (string | number)[]): boolean {
  const seen = new Set<unknown>([document]);
  let value = document;
  for (const key of path) {
    value = (value as Readonly<Record<string | number, unknown>>)[key];
    if (seen.has(value)) return true;
    seen.add(value);
  }
  return false;
}

/**
 * Everything about a value that is not plain JSON: numbers JSON lacks, text that is not Unicode, control characters,
 * other objects, cycles, too many levels or values. Keys whose value is undefined count as absent.
 */
export function faultsInJson(document: unknown): Fault[] {
  const faults: Fault[] = [];
  const waiting: { readonly value: unknown; readonly path: readonly (string | number)[]; readonly problem?: string }[] = [
    { value: document, path: [] },
  ];
  const complain = (path: readonly PropertyKey[], message: string) => faults.push({ pointer: jsonPointer(path), message });
  let values = 0;
  for (let item = waiting.pop(); item !== undefined && faults.length < MAX_FAULTS; item = waiting.pop()) {
    const { value, path } = item;
    if (++values > MAX_VALUES) return [...faults, { pointer: '', message: `the document has more than ${MAX_VALUES} values` }];
    if (item.problem !== undefined) {
      complain(path, item.problem);
    } else if (typeof value !== 'object' || value === null) {
      const problem = problemWithScalar(value);
      if (problem !== undefined) complain(path, problem);
    } else if (path.length >= MAX_DEPTH) {
      const tooDeep = `mappings and lists stand more than ${MAX_DEPTH} levels inside one another`;
      complain(
        path.slice(0, 3),
        isInsideItself(document, path) ? 'a mapping or list is part of itself: an alias stands inside its own anchor' : tooDeep,
      );
    } else if (Array.isArray(value)) {
      for (let index = value.length - 1; index >= 0; index--) {
        const problem = value[index] === undefined ? { problem: 'this entry of the list is missing' } : {};
        waiting.push({ value: value[index], path: [...path, index], ...problem });
      }
    } else if (isMapping(value)) {
      for (const key of Object.keys(value).reverse()) {
        const problem = problemWithKey(key);
        waiting.push({ value: value[key], path: [...path, key], ...(problem === undefined ? {} : { problem }) });
      }
    } else {
      complain(path, `expected plain JSON, not ${Object.prototype.toString.call(value)}`);
    }
  }
  return faults;
}

/** Whether two JSON values are the same, whatever the order of their keys. */
export function sameJson(first: unknown, second: unknown): boolean {
  if (first === second) return true;
  if (typeof first !== 'object' || typeof second !== 'object' || first === null || second === null) return false;
  if (Array.isArray(first) !== Array.isArray(second)) return false;
  const keys = Object.keys(first);
  return (
    keys.length === Object.keys(second).length &&
    keys.every(
      (key) => Object.hasOwn(second, key) && sameJson((first as Record<string, unknown>)[key], (second as Record<string, unknown>)[key]),
    )
  );
}
