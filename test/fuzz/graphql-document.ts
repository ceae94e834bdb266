/** GraphQL documents made at random of a schema: nearly right, wrong, cut off, too deep and too wide. */
import fc from 'fast-check';
import { hostileText, written as json } from './hostile-value.js';
import { written, type Schema, type SchemaField, type TypeReference } from './graphql-schema.js';

type Draw = <T>(arbitrary: fc.Arbitrary<T>) => T;

/** What a random document may name. */
export interface Known {
  readonly schema: Schema;
  /** Ids that exist: of experiments, points and runs. */
  readonly ids: readonly string[];
  readonly cursors: readonly string[];
}

export interface GraphqlRequest {
  readonly query: string;
  readonly variables?: unknown;
  readonly operationName?: unknown;
}

const oneOf = <T>(...values: readonly T[]) => fc.constantFrom(...values);
const chance = (percent: number) => fc.nat({ max: 99 }).map((drawn) => drawn < percent);

const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';
const NUMBERS = ['0', '1', '-1', '2', '3', '9', '50', '200', '201', '2147483647', '-2147483648'];
const WRONG_NUMBERS = ['2147483648', '-2147483649', '1.5', '1e3', '1e999', '0.18', '-0', '00'];
/** No list of Int has room for these. */
const MISFITS = [
  'null',
  'true',
  '{}',
  '{ a: 1 }',
  '[]',
  '[[1]]',
  '"x"',
  'NONE',
  '"""block"""',
  '"\\u{1F600}"',
  '"\\ud800"',
  '$undeclared',
  '-',
];

class Author {
  private readonly declared = new Map<string, { readonly type: string; readonly value: unknown }>();
  private readonly fragments: string[] = [];
  private readonly sloppy: boolean;
  private names = 0;
  private room = 40;

  constructor(
    private readonly draw: Draw,
    private readonly known: Known,
  ) {
    this.sloppy = draw(fc.boolean());
  }

  private is(percent: number): boolean {
    return this.draw(chance(percent));
  }

  /** Half of the documents have no mistake made on purpose, so that they are carried out. */
  private errs(percent: number): boolean {
    return this.sloppy && this.is(percent);
  }

  /** A literal, or a variable with one, nearly always of the type that is asked for. */
  private value(type: TypeReference): string {
    if (this.errs(2)) return this.draw(oneOf(...MISFITS));
    if (this.is(15)) {
      const name = `v${this.declared.size}`;
      const value = !this.errs(10)
        ? this.variable(type)
        : this.draw(oneOf<unknown>(null, 'x', 1e400, [], {}, [[[]]], { __proto__: null }, true));
      this.declared.set(name, {
        type: !this.errs(3) ? written(type) : this.draw(oneOf('Int', 'String!', '[ID]', 'Nothing', 'Query')),
        value,
      });
      return `$${name}`;
    }
    return this.literal(type);
  }

  private literal(type: TypeReference): string {
    if (type.kind === 'NON_NULL' && type.ofType) return this.literal(type.ofType);
    if (type.kind === 'LIST' && type.ofType) {
      const { ofType } = type;
      return `[${Array.from({ length: this.draw(oneOf(0, 1, 2, 30)) }, () => this.literal(ofType)).join(', ')}]`;
    }
    const { kind, name, enumValues } = this.known.schema.named(type);
    if (kind === 'ENUM') return this.draw(oneOf(...(enumValues ?? []).map((value) => value.name)));
    if (name === 'Int' || name === 'Float')
      return this.draw(this.errs(name === 'Float' ? 50 : 5) ? oneOf(...WRONG_NUMBERS) : oneOf(...NUMBERS));
    if (name === 'Boolean') return this.draw(oneOf('true', 'false'));
    return JSON.stringify(name === 'ID' && this.is(60) ? this.draw(oneOf(...this.known.ids)) : this.text());
  }

  /** An id that exists, one that does not, a cursor, or anything. */
  private text(): string {
    const kind = this.draw(fc.nat({ max: 9 }));
    if (kind < 5) return this.draw(oneOf(...this.known.ids));
    if (kind < 7) return this.draw(oneOf(...this.known.cursors));
    return kind < 8 ? UNKNOWN_ID : this.draw(hostileText);
  }

  private variable(type: TypeReference): unknown {
    const literal = this.literal(type);
    try {
      return JSON.parse(literal) as unknown;
    } catch {
      return literal; // a member of an enumeration, or a list of them
    }
  }

  private directives(): string {
    if (this.is(96)) return '';
    if (!this.sloppy) return this.draw(oneOf(' @include(if: true)', ' @skip(if: false)', ' @skip(if: true)'));
    return this.draw(
      oneOf(
        ' @include(if: true)',
        ' @skip(if: false)',
        ' @skip(if: true)',
        ' @include(if: "x")',
        ' @skip',
        ' @defer',
        ' @skip(if: true) @skip(if: false)',
      ),
    );
  }

  private field(field: SchemaField, depth: number): string {
    const { schema } = this.known;
    const given = field.args.filter(({ type }) => (type.kind === 'NON_NULL' ? !this.errs(1) : this.is(50)));
    const args = given.length > 0 ? `(${given.map(({ name, type }) => `${name}: ${this.value(type)}`).join(', ')})` : '';
    const alias = this.errs(1)
      ? 'a: '
      : this.is(15)
        ? `${this.draw(oneOf('_', 'constructor', '__proto__', 'items'))}${this.names++}: `
        : '';
    const name = depth > 1 || !this.errs(1) ? field.name : this.draw(oneOf('nothing', '__proto__', '__type', '__schema', 'constructor'));
    const inner = schema.fieldsOf(field.type).length > 0 ? this.selection(field.type, depth + 1) : '';
    return `${alias}${name}${args}${this.directives()}${inner}`;
  }

  private selection(type: TypeReference, depth: number): string {
    const { schema } = this.known;
    const fields = schema.fieldsOf(type);
    const leaves = fields.filter((field) => schema.fieldsOf(field.type).length === 0);
    const choice = depth > 6 || this.room < 0 ? leaves : fields;
    const chosen =
      choice.length > 0 ? this.draw(fc.shuffledSubarray([...choice], { minLength: 1, maxLength: Math.min(choice.length, 4) })) : [];
    this.room -= chosen.length;
    const body = chosen.length > 0 ? chosen.map((field) => this.field(field, depth)).join(' ') : '__typename';
    const { name } = schema.named(type);
    if (this.is(5)) return ` { ... on ${!this.errs(20) ? name : 'Nothing'}${this.directives()} { ${body} } }`;
    if (this.is(6)) {
      const fragment = `f${this.fragments.length}`;
      const cycle = this.errs(10) ? ` ...${fragment}` : this.errs(10) ? ' ...missing' : '';
      this.fragments.push(`fragment ${fragment} on ${name} { ${body}${cycle} }`);
      return ` { ...${fragment} }`;
    }
    return ` { ${body} }`;
  }

  request(): GraphqlRequest {
    const { keyword, type } = this.draw(oneOf(...this.known.schema.roots));
    const selection = this.selection({ kind: 'OBJECT', name: type.name }, 1);
    const declarations = [...this.declared].map(([name, { type: declaredType }]) => `$${name}: ${declaredType}`).join(', ');
    const operation =
      this.declared.size > 0 || this.is(50) ? `${keyword} ${this.is(50) ? 'Q' : ''}${declarations ? `(${declarations})` : ''}` : '';
    const second = this.errs(3) ? ' query R { experiments(limit: 1) { nextCursor } }' : '';
    const variables = Object.fromEntries([...this.declared].map(([name, { value }]) => [name, value]));
    return {
      query: `${operation}${selection} ${this.fragments.join(' ')}${second}`,
      ...(this.declared.size > 0 && !this.errs(3) ? { variables } : {}),
      ...(this.errs(4) ? { operationName: this.draw(oneOf<unknown>('Q', 'R', '', null, 1, {}, [])) } : {}),
    };
  }
}

export function nearlyRight(draw: Draw, known: Known): GraphqlRequest {
  return new Author(draw, known).request();
}

/** With some tokens lost, doubled, exchanged or put in, or with the end cut off. */
export function spoiled(draw: Draw, known: Known): GraphqlRequest {
  const { query, ...rest } = nearlyRight(draw, known);
  if (draw(chance(30))) return { ...rest, query: query.slice(0, draw(fc.nat({ max: query.length }))) };
  const tokens = query.match(/"(?:[^"\\]|\\.)*"|\w+|\s+|[^\w\s]/gu) ?? [];
  for (let times = draw(oneOf(1, 2, 5)); times > 0; times--) {
    const at = draw(fc.nat({ max: tokens.length }));
    const put = draw(
      oneOf<readonly string[]>(
        [],
        [tokens[at] ?? '', tokens[at] ?? ''],
        ['{'],
        ['}'],
        ['...'],
        ['$'],
        ['\0'],
        ['"'],
        ['@'],
        [' on '],
        ['subscription '],
        ['#'],
        ['\ud800'],
        ['\ufeff'],
        ['"""'],
      ),
    );
    tokens.splice(at, 1, ...put);
  }
  return { ...rest, query: tokens.join('') };
}

/** Whole requests that are no requests: what is sent instead of an object with a query. */
export const wrongRequest: fc.Arbitrary<string> = fc.oneof(
  fc.jsonValue().map((value) => JSON.stringify(value)),
  oneOf<unknown>(
    [{ query: '{ __typename }' }],
    [],
    Array.from({ length: 500 }, () => ({ query: '{ experiments { nextCursor } }' })),
    { query: null },
    { query: ['{ __typename }'] },
    { query: '' },
    { query: '{ __typename }', variables: 'x' },
    { query: '{ __typename }', variables: [1] },
    { query: '{ __typename }', extensions: 'x' },
    { query: '{ __typename }', extensions: { persistedQuery: { version: 1, sha256Hash: 'x' } } },
    { extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } } },
    {
      query: 'query ($p: [Int!]) { learningCurves(experimentId: "x", points: $p) { name } }',
      variables: { p: 'raw<' + '['.repeat(20_000) + ']'.repeat(20_000) + '>' },
    },
  ).map(json),
  fc.string({ maxLength: 50 }),
);
