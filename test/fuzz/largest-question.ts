/** Queries that ask for a field at its largest, made of the schema, so that a field that is added is asked for as well. */
import type { Schema, SchemaField, TypeReference } from './graphql-schema.js';

/** A way to something with fields, and the fields of it that have none of their own. */
export interface Place {
  readonly path: readonly SchemaField[];
  readonly leaves: readonly SchemaField[];
  /** Type that the first field of the way answers with. */
  readonly first: string;
}

/**
 * Every object that a query can reach, one for every field that leads to it.
 * @param alike whether fields of one object that lead to the same type are all told apart, or one stands for all
 */
export function placesOf(schema: Schema, alike: boolean): Place[] {
  const seen = new Set<string>();
  const places: Place[] = [];
  const walk = (type: TypeReference, path: readonly SchemaField[]): void => {
    const fields = schema.fieldsOf(type);
    const leaves = fields.filter((field) => schema.fieldsOf(field.type).length === 0);
    if (path.length > 0 && leaves.length > 0) places.push({ path, leaves, first: schema.named(path[0].type).name });
    for (const field of fields.filter((one) => schema.fieldsOf(one.type).length > 0)) {
      const key = `${schema.named(type).name}.${alike ? field.name : schema.named(field.type).name}`;
      if (seen.has(key)) continue;
      seen.add(key);
      walk(field.type, [...path, field]);
    }
  };
  for (const { type } of schema.roots) walk({ kind: 'OBJECT', name: type.name }, []);
  return places;
}

/** Ids that arguments of these names take. */
export type Ids = Readonly<Record<string, string>>;

/** The longest page there is; ids of the largest there is; everything that may be left out is. */
function called({ name, args }: SchemaField, idOf: (argument: string) => string, limit: number): string {
  const given = args.flatMap((arg) => {
    if (arg.name === 'limit') return [`limit: ${limit}`];
    return arg.type.kind === 'NON_NULL' ? [`${arg.name}: ${JSON.stringify(idOf(arg.name))}`] : [];
  });
  return given.length > 0 ? `${name}(${given.join(', ')})` : name;
}

export const MULTIPLIERS = ['under other names', 'in fragments', 'in leaves', 'as long pages'] as const;
export type Multiplier = (typeof MULTIPLIERS)[number];

/** A query for all leaves of a place, so many times. */
export function asked({ path, leaves, first: type }: Place, times: number, multiplier: Multiplier, ids: (root: string) => Ids): string {
  const idOf = (argument: string) => ids(path[0].name)[argument] ?? '';
  const limit = multiplier === 'as long pages' ? Math.min(times, 200) : 200;
  const named = (prefix: string) => leaves.map((leaf) => `${prefix}${leaf.name}: ${called(leaf, idOf, limit)}`).join(' ');
  const all = multiplier === 'in leaves' ? Array.from({ length: times }, (_, index) => named(`l${index}_`)).join(' ') : named('l_');
  const [first, ...rest] = path.map((field) => called(field, idOf, limit));
  const inner = rest.reduceRight((inside, field) => `${field} { ${inside} }`, all);
  const many = Array.from({ length: multiplier === 'in leaves' || multiplier === 'as long pages' ? 1 : times }, (_, index) => index);
  if (multiplier !== 'in fragments') return `{ ${many.map((index) => `a${index}: ${first} { ${inner} }`).join(' ')} }`;
  return `{ ${many.map((index) => `...f${index}`).join(' ')} } ${many.map((index) => `fragment f${index} on Query { a${index}: ${first} { ...inside } }`).join(' ')} fragment inside on ${type} { ${inner} }`;
}
