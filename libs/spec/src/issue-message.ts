/** Sentences for what a schema found wrong: what is there, and what would be allowed. */
import type { z } from 'zod';
import { jsonPointer, shown, type Fault } from './fault.js';

const KINDS: Readonly<Record<string, string>> = {
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  string: 'a text',
  boolean: 'true or false',
  number: 'a number',
  int: 'a whole number',
};

/** `expected X, not Y`, or that the value is missing. */
export function expected(what: string): (issue: { readonly input?: unknown }) => string {
  return ({ input }) => (input === undefined ? `is missing; expected ${what}` : `expected ${what}, not ${shown(input)}`);
}

function allowed(values: readonly unknown[], input: unknown): string {
  const list = values.map(String).join(', ');
  const start = input === undefined ? 'is missing' : `${shown(input)} is not allowed here`;
  return `${start}; allowed ${values.length === 1 ? 'is' : 'are'} ${list}`;
}

function entries(count: number | bigint, origin: string): string {
  const unit = origin === 'string' ? 'character' : 'entr';
  const plural = unit === 'entr' ? (count === 1 ? 'y' : 'ies') : count === 1 ? '' : 's';
  return `${count} ${unit}${plural}`;
}

type SchemaDefinition = z.core.$ZodTypes['_zod']['def'];

function definitionOf(issue: z.core.$ZodRawIssue): SchemaDefinition | undefined {
  return (issue.inst as z.core.$ZodTypes | undefined)?._zod.def;
}

/** Keys that say which of several forms a mapping has. */
const DISCRIMINATORS: ReadonlySet<string> = new Set(['kind', 'family', 'decay']);

/** The keys a mapping may have, and which of several forms it is: ` where kind is ideal`. */
function allowedKeys(definition: SchemaDefinition | undefined): string {
  if (definition?.type !== 'object') return '';
  const literals = Object.entries(definition.shape).flatMap(([key, schema]) => {
    const { def } = (schema as z.core.$ZodTypes)._zod;
    return def.type === 'literal' && DISCRIMINATORS.has(key) ? [`${key} is ${def.values.join(' or ')}`] : [];
  });
  const where = literals.length > 0 ? ` where ${literals.join(', ')}` : '';
  const keys = Object.keys(definition.shape);
  return `${where}; allowed ${keys.length === 1 ? 'is' : 'are'} ${keys.join(', ')}`;
}

/** The forms of a discriminated union, `kind ideal or over-the-air`. */
function forms(definition: SchemaDefinition | undefined): string {
  if (definition?.type !== 'union' || !('discriminator' in definition)) return '';
  const key = String(definition.discriminator);
  const values = definition.options.flatMap((option) => [...(option._zod.propValues?.[key] ?? [])].map(String));
  return ` with ${key} ${values.join(' or ')}`;
}

/** Zod's error map for specifications: used wherever a schema does not bring its own sentence. */
export function issueMessage(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_value':
      return allowed(issue.values, issue.input);
    case 'invalid_type':
      return expected(`${KINDS[issue.expected] ?? issue.expected}${forms(definitionOf(issue))}`)(issue);
    case 'too_small':
      return `expected at least ${entries(issue.minimum, issue.origin)}`;
    case 'too_big':
      return `expected at most ${entries(issue.maximum, issue.origin)}`;
    case 'invalid_key':
      return issue.issues[0]?.message;
    case 'unrecognized_keys':
      return allowedKeys(definitionOf(issue));
    case 'invalid_union': {
      const { discriminator, options, input } = issue as { discriminator?: string; options?: readonly unknown[]; input?: unknown };
      if (discriminator === undefined || options === undefined) return undefined;
      return allowed(options, (input as Record<string, unknown> | undefined)?.[discriminator]);
    }
    default:
      return undefined;
  }
}

/** A fault before it has a pointer: where it is, as path segments. */
export interface LocatedIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** A key that should not be there, rather than a value that should be different. */
  readonly unknownKey: boolean;
  /** Other places that take part in an impossible combination. */
  readonly involved: readonly (readonly PropertyKey[])[];
}

/** What is wrong inside the one alternative that a value has the form of; undefined when it has the form of none, or of several. */
function insideUnion(issue: z.core.$ZodIssue): z.core.$ZodIssue[] | undefined {
  if (issue.code !== 'invalid_union') return undefined;
  const inside = issue.errors.filter((errors) => errors.every(({ code, path }) => path.length > 0 || code === 'unrecognized_keys'));
  if (inside.length !== 1 || inside[0].length === 0) return undefined;
  return inside[0].map((error) => ({ ...error, path: [...issue.path, ...error.path] }));
}

/** Zod's issues as located sentences, one for every unknown key. */
export function locateIssues(issues: readonly z.core.$ZodIssue[]): LocatedIssue[] {
  return issues.flatMap((issue): LocatedIssue[] => {
    const inside = insideUnion(issue);
    if (inside) return locateIssues(inside);
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        path: [...issue.path, key],
        message: `unknown key ${shown(key)}${issue.message}`,
        unknownKey: true,
        involved: [],
      }));
    }
    const involved = issue.code === 'custom' ? ((issue.params?.['involved'] as PropertyKey[][] | undefined) ?? []) : [];
    return [{ path: issue.path, message: issue.message, unknownKey: false, involved }];
  });
}

/** Zod's issues as faults of the document the schema was given. */
export function faultsOf(issues: readonly z.core.$ZodIssue[]): Fault[] {
  return locateIssues(issues).map(({ path, message }) => ({ pointer: jsonPointer(path), message }));
}
