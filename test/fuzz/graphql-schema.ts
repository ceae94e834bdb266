/** The lab's GraphQL schema as it tells of itself, to make queries of. */

export interface TypeReference {
  readonly kind: string;
  readonly name: string | null;
  readonly ofType?: TypeReference | null;
}

export interface SchemaField {
  readonly name: string;
  readonly type: TypeReference;
  readonly args: readonly { readonly name: string; readonly type: TypeReference }[];
}

export interface SchemaType {
  readonly kind: string;
  readonly name: string;
  readonly fields: readonly SchemaField[] | null;
  readonly enumValues: readonly { readonly name: string }[] | null;
}

const REFERENCE = `kind name ${'ofType { kind name '.repeat(4)}${'}'.repeat(4)}`;

const INTROSPECTION = `{
  __schema {
    queryType { name }
    mutationType { name }
    subscriptionType { name }
    types { kind name enumValues { name } fields { name type { ${REFERENCE} } args { name type { ${REFERENCE} } } } }
  }
}`;

type Root = { readonly name: string } | null;
interface Introspection {
  readonly data: {
    readonly __schema: {
      readonly queryType: Root;
      readonly mutationType: Root;
      readonly subscriptionType: Root;
      readonly types: readonly SchemaType[];
    };
  };
}

export class Schema {
  private constructor(
    private readonly types: ReadonlyMap<string, SchemaType>,
    /** Keywords of operations, with the types they begin at. */
    readonly roots: readonly { readonly keyword: string; readonly type: SchemaType }[],
  ) {}

  static async of(url: string): Promise<Schema> {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: INTROSPECTION }),
    });
    const { __schema: told } = ((await response.json()) as Introspection).data;
    const types = new Map(told.types.map((type) => [type.name, type]));
    const roots = Object.entries({ query: told.queryType, mutation: told.mutationType, subscription: told.subscriptionType });
    return new Schema(
      types,
      roots.flatMap(([keyword, root]) => {
        const type = root ? types.get(root.name) : undefined;
        return type ? [{ keyword, type }] : [];
      }),
    );
  }

  /** The type that is left without lists and exclamation marks. */
  named(reference: TypeReference): SchemaType {
    if (reference.ofType) return this.named(reference.ofType);
    const type = this.types.get(reference.name ?? '');
    if (!type) throw new Error(`the schema has no type ${reference.name}`);
    return type;
  }

  /** Fields of a type that has some, else none. */
  fieldsOf(reference: TypeReference): readonly SchemaField[] {
    return this.named(reference).fields ?? [];
  }
}

/** As it stands in a declaration of a variable. */
export function written({ kind, name, ofType }: TypeReference): string {
  if (kind === 'NON_NULL' && ofType) return `${written(ofType)}!`;
  if (kind === 'LIST' && ofType) return `[${written(ofType)}]`;
  return name ?? '';
}
