/** GraphQL documents that ask for too much, each in one of the ways there are. */
import fc from 'fast-check';
import type { Schema, SchemaField, TypeReference } from './graphql-schema.js';

type Path = readonly SchemaField[];

/** Every path from a query's root to a leaf. The schema has no types within themselves, or this would not end: then it throws. */
function pathsOf(schema: Schema, type: TypeReference, before: Path = []): Path[] {
  if (before.length > 30) throw new Error('the schema is recursive: cut its paths off below the limit of depth');
  return schema.fieldsOf(type).flatMap((field) => {
    const path = [...before, field];
    return schema.fieldsOf(field.type).length > 0 ? pathsOf(schema, field.type, path) : [path];
  });
}

function opened({ name, args }: SchemaField, limit: number): string {
  const given = args.flatMap((arg) => {
    if (arg.name === 'limit') return [`limit: ${limit}`];
    return arg.type.kind === 'NON_NULL' ? [`${arg.name}: "00000000-0000-4000-8000-000000000000"`] : [];
  });
  return given.length > 0 ? `${name}(${given.join(', ')})` : name;
}

function nested(path: Path, limit: number): string {
  return path.reduceRight((inner, field) => `${opened(field, limit)}${inner ? ` { ${inner} }` : ''}`, '');
}

/** The same in a fragment for every level, of which the first is in the operation. */
function nestedInFragments(path: Path, schema: Schema): string {
  const fragments = path.slice(1).map((field, index) => {
    const rest = index + 2 < path.length ? ` { ...f${index + 1} }` : '';
    return `fragment f${index} on ${schema.named(path[index].type).name} { ${opened(field, 1)}${rest} }`;
  });
  return `{ ${opened(path[0], 1)} { ...f0 } } ${fragments.join(' ')}`;
}

/** Valid documents deeper than `maxDepth`. */
export function tooDeep(schema: Schema, maxDepth: number): fc.Arbitrary<string> {
  const deep = pathsOf(schema, { kind: 'OBJECT', name: schema.roots[0].type.name }).filter(({ length }) => length > maxDepth);
  return fc
    .tuple(fc.constantFrom(...deep), fc.boolean())
    .map(([path, inFragments]) => (inFragments ? nestedInFragments(path, schema) : `{ ${nested(path, 1)} }`));
}

/** Levels that are nothing but levels: of a field, of a value, of a type. */
export const absurdlyDeep: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom(
      ['{ experiments ', '}'],
      ['{ ... on Query ', '}'],
      ['[', ']'],
      ['{ experiments(after: [', ']) }'],
      ['{ __schema { types { fields { type ', '} } } }'],
      ['{ experiments(after: {a: ', '}) }'],
      ['query ($v: [', ']) { x }'],
    ),
    fc.integer({ min: 300, max: 2_400 }),
  )
  .map(([[open, close], levels]) => open.repeat(levels) + close.repeat(levels));

/** Valid documents, no deeper than is allowed, that may answer with more fields than `maxCost`. */
export function tooWide(schema: Schema, maxDepth: number, maxCost: number): fc.Arbitrary<string> {
  const paths = pathsOf(schema, { kind: 'OBJECT', name: schema.roots[0].type.name }).filter(({ length }) => length <= maxDepth);
  const pages = paths.filter((path) => path.filter(({ args }) => args.some(({ name }) => name === 'limit')).length > 1);
  const single = paths.filter((path) => path.some(({ args }) => args.some(({ name }) => name === 'limit')));
  const times = Math.ceil(maxCost / 200) + 1;
  return fc.oneof(
    // Pages of pages.
    fc
      .tuple(fc.constantFrom(...pages), fc.integer({ min: Math.ceil(Math.sqrt(maxCost)), max: 200 }))
      .map(([path, limit]) => `{ ${nested(path, limit)} }`),
    // The same page under many names, plainly and in fragments.
    fc
      .constantFrom(...single)
      .map((path) => `{ ${Array.from({ length: times }, (_, index) => `a${index}: ${nested(path, 200)}`).join(' ')} }`),
    fc
      .constantFrom(...single)
      .map(
        (path) =>
          `{ ${Array.from({ length: times }, (_, index) => `...f${index}`).join(' ')} } ${Array.from({ length: times }, (_, index) => `fragment f${index} on Query { a${index}: ${nested(path, 200)} }`).join(' ')}`,
      ),
  );
}
