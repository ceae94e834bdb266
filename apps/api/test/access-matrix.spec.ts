/**
 * Every role against everything that is served, read from the router and the GraphQL schema themselves: what is new is in
 * the matrix by being there.
 */
import 'reflect-metadata';
import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import { ACCESS_POLICY, packExperiment, type Operation, type Standing } from '@airmeta/lab';
import { expandExperiment, type MemberRole, type TokenScope, type Visibility } from '@airmeta/spec';
import {
  getNamedType,
  isCompositeType,
  isNonNullType,
  isObjectType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeclaredOperations, type Entrance } from '../src/access/declared-operations.js';
import { bearer, joinLab, startLabServer, type LabServer, type TestMember } from './lab-server.js';

/** Everybody there can be: what a member's role and the token's scope come to, written down here a second time. */
const CALLERS: Readonly<Record<string, { readonly role?: MemberRole; readonly scope?: TokenScope; readonly standing: Standing }>> = {
  anonymous: { standing: 'anonymous' },
  viewer: { role: 'viewer', scope: 'read', standing: 'viewer' },
  'researcher, token to read': { role: 'researcher', scope: 'read', standing: 'viewer' },
  researcher: { role: 'researcher', scope: 'write', standing: 'researcher' },
  'admin, token to read': { role: 'admin', scope: 'read', standing: 'viewer' },
  'admin, token to write': { role: 'admin', scope: 'write', standing: 'researcher' },
  admin: { role: 'admin', scope: 'admin', standing: 'admin' },
};

/** Pages that anybody may open: of the program, and of no lab's data. Whatever else is served declares an operation. */
const OPEN_PAGES = [
  'GET /docs',
  'GET /docs/',
  'GET /docs/index.html',
  'GET /docs/LICENSE',
  'GET /docs/swagger-ui-init.js',
  'GET /docs/docs/swagger-ui-init.js',
  'GET /docs-json',
  'GET /docs-yaml',
];
/** Folders of files that anybody may read. */
const OPEN_FOLDERS = ['/docs/'];

const UNKNOWN = '00000000-0000-4000-8000-000000000000';

let lab: LabServer;
/** By their names in CALLERS. */
const members = new Map<string, TestMember>();
let owner: TestMember;

interface Stored {
  readonly experimentId: string;
  /** A run of it. */
  readonly runId: string;
}
/** The owner's private experiment, and one that the lab sees. */
let hidden: Stored;
let seenByAll: Stored;

beforeAll(async () => {
  lab = await startLabServer({ AIRMETA_AUTH: 'on', AIRMETA_RATE_LIMIT_ANONYMOUS: '1000000', AIRMETA_RATE_LIMIT: '1000000' });
  const { persistence } = lab;
  for (const [index, [name, { role, scope }]] of Object.entries(CALLERS).entries()) {
    if (role) members.set(name, await joinLab(persistence, `member-${index}`, role, scope));
  }
  owner = await joinLab(persistence, 'owner', 'researcher');
  hidden = await store('secret', 'private');
  seenByAll = await store('shared', 'lab');
});

afterAll(() => lab.stop());

async function store(name: string, visibility: Visibility): Promise<Stored> {
  const expanded = expandExperiment({ version: 1, name, base: { task: { family: 'sinusoid' }, rounds: 10 } });
  const experiments = lab.persistence.experimentsOf(owner);
  const labels = expanded.points.map(({ index }) => `point ${index}`);
  // Two of the same computation would be one, and the second would have no runs of its own.
  const { id } = (
    await experiments.create({
      experiment: packExperiment(expanded, labels),
      dataFingerprints: labels.map(() => null),
      replicateSeeds: [1],
      visibility,
      force: true,
    })
  ).summary;
  return { experimentId: id, runId: (await experiments.runs(id, {}, { limit: 1 })).items[0].id };
}

const secretOf = (caller: string) => members.get(caller)?.secret;
const entrances = () => lab.app.get(DeclaredOperations).entrances();

interface Route {
  readonly method: string;
  readonly path: string;
}
const shown = ({ method, path }: Route) => `${method} ${path}`;

/** Express's own type leaves out how a layer is asked whether a path is its. */
interface Matching {
  match(path: string): unknown;
}
const layers = () =>
  lab.app
    .getHttpAdapter()
    .getInstance()
    .router.stack.map((layer) => layer as typeof layer & Matching);

/** What Express routes, whoever registered it. */
function servedRoutes(): Route[] {
  return layers().flatMap(({ route }) =>
    route ? route.stack.map(({ method }) => ({ method: method.toUpperCase(), path: route.path })) : [],
  );
}

function routeOf({ in: controller, handler }: Entrance): Route | undefined {
  const method = Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod | undefined;
  if (method === undefined) return undefined;
  const parts = [Reflect.getMetadata(PATH_METADATA, controller), Reflect.getMetadata(PATH_METADATA, handler)] as string[];
  return {
    method: RequestMethod[method],
    path: `/${parts
      .map((part) => part.replace(/^\/|\/$/g, ''))
      .filter(Boolean)
      .join('/')}`,
  };
}

/** Routes with the operation each performs. */
function declaredRoutes(): (Route & { readonly operation: Operation })[] {
  return entrances().flatMap((entrance) => {
    const route = routeOf(entrance);
    return route && entrance.operation ? [{ ...route, operation: entrance.operation }] : [];
  });
}

/** What passes for a body; all but these take, or ignore, a change of who sees an experiment. */
const BODIES: Readonly<Record<string, string>> = {
  'POST /v1/experiments/:id/extend': '{"replicates":2}',
  'POST /v1/experiments/:id/retry': '{}',
};

async function call(
  { method, path }: Route,
  id: string,
  secret: string | undefined,
  visibility: Visibility = 'private',
): Promise<Response> {
  const response = await fetch(lab.url + path.replace(':id', id).replace(':name', 'nobody'), {
    method,
    headers: { ...bearer(secret), 'content-type': 'application/json' },
    ...(method === 'GET' || method === 'HEAD' ? {} : { body: BODIES[shown({ method, path })] ?? JSON.stringify({ visibility }) }),
  });
  if (response.headers.get('content-type')?.startsWith('text/event-stream')) await response.body?.cancel();
  return response;
}

describe('REST', () => {
  it('serves no route that declares no operation, but the pages that are open to anybody', async () => {
    const declared = new Set(declaredRoutes().map(shown));
    expect([...new Set(servedRoutes().map(shown))].filter((route) => !declared.has(route)).sort()).toEqual([...OPEN_PAGES].sort());
    expect(declared.size).toBeGreaterThan(15);
    expect(servedRoutes().map(shown)).toEqual(expect.arrayContaining([...declared]));
    for (const page of OPEN_PAGES) {
      // The documentation's own routes hide a file of the package that draws it.
      const expected = page.endsWith('LICENSE') ? 404 : 200;
      expect([page, (await fetch(lab.url + page.split(' ')[1])).status]).toEqual([page, expected]);
    }
  });

  it('serves no files but those of the folders that are open to anybody', () => {
    const files = layers().filter(({ name }) => name === 'serveStatic');
    expect(files).toHaveLength(OPEN_FOLDERS.length);
    const everyPlace = ['/', '/index.html', '/v1/', '/graphql/', '/health/', ...servedRoutes().map(({ path }) => path)];
    for (const layer of files) {
      const served = everyPlace.filter((path) => Boolean(layer.match(path)));
      expect(served.filter((path) => !OPEN_FOLDERS.some((folder) => `${path}/`.startsWith(folder)))).toEqual([]);
    }
  });

  it.each(Object.keys(CALLERS))('obeys the policy on every route for: %s', async (caller) => {
    const { standing } = CALLERS[caller];
    const seen: Record<string, string> = {};
    const expected: Record<string, string> = {};
    for (const route of declaredRoutes()) {
      const { status } = await call(route, UNKNOWN, secretOf(caller));
      seen[shown(route)] = status === 401 || status === 403 || status >= 500 ? String(status) : 'let in';
      const reach = ACCESS_POLICY[route.operation][standing];
      expected[shown(route)] = reach !== 'never' ? 'let in' : standing === 'anonymous' ? '401' : '403';
    }
    expect(seen).toEqual(expected);
  });

  it('lets strangers no further by asking for heads only, nor into live views', async () => {
    const routes = declaredRoutes().filter(({ method }) => method === 'GET');
    for (const route of routes) {
      const { status, headers } = await call({ ...route, method: 'HEAD' }, hidden.experimentId, undefined);
      const open = ACCESS_POLICY[route.operation].anonymous !== 'never';
      expect([shown(route), status]).toEqual([shown(route), open ? 200 : 401]);
      expect(headers.get('content-type') ?? '').not.toContain('event-stream');
    }
    const views = routes.filter(({ path }) => path.endsWith('/events'));
    expect(views.length).toBeGreaterThan(0);
    for (const view of views) expect((await call(view, seenByAll.experimentId, undefined)).status).toBe(401);
  });

  it.each(['airmeta_short', `airmeta_${'z'.repeat(43)}`, 'Basic'])(
    'refuses a token that is none everywhere but on the lab’s health: %s',
    async (secret) => {
      for (const route of declaredRoutes()) {
        const { status } = await call(route, UNKNOWN, secret);
        expect([shown(route), status]).toEqual([shown(route), route.path.startsWith('/health/') ? 200 : 401]);
      }
    },
  );

  it.each(Object.keys(CALLERS))('lets none but its owner and admins change an experiment that the lab sees: %s', async (caller) => {
    const { standing } = CALLERS[caller];
    // What is read comes first: an admin deletes the run in the end.
    const changes = ({ operation }: { readonly operation: Operation }) => Number(ACCESS_POLICY[operation].changes);
    const routes = declaredRoutes()
      .filter(({ path }) => /^\/v1\/(experiments|runs)\/:id/.test(path))
      .sort((one, other) => changes(one) - changes(other));
    for (const route of routes) {
      const id = route.path.includes('/runs/') ? seenByAll.runId : seenByAll.experimentId;
      const { status } = await call(route, id, secretOf(caller), 'lab');
      const reach = ACCESS_POLICY[route.operation][standing];
      const isOthers = reach === 'never' || reach === 'own';
      if (isOthers) expect([shown(route), status]).toEqual([shown(route), standing === 'anonymous' ? 401 : 403]);
      // Its parameters are not there before the run has ended; some changes contradict what those before them have made of it.
      else expect(route.path.endsWith('/parameters') ? [404] : [200, 204, 409], shown(route)).toContain(status);
    }
  });

  it.each(['viewer', 'researcher', 'admin, token to write'])(
    'knows nothing of another’s private experiment on any route, for: %s',
    async (caller) => {
      const { standing } = CALLERS[caller];
      const routes = declaredRoutes().filter(({ path }) => /^\/v1\/(experiments|runs)\/:id/.test(path));
      expect(routes.length).toBeGreaterThan(4);
      for (const route of routes) {
        const response = await call(route, route.path.includes('/runs/') ? hidden.runId : hidden.experimentId, secretOf(caller));
        const allowed = ACCESS_POLICY[route.operation][standing] !== 'never';
        expect([shown(route), response.status]).toEqual([shown(route), allowed ? 404 : 403]);
        expect(await response.text()).not.toContain('secret');
      }
      const list = (await (await call({ method: 'GET', path: '/v1/experiments' }, '', secretOf(caller))).json()) as {
        items: { name: string }[];
      };
      expect(list.items.map(({ name }) => name)).toEqual(['shared']);
    },
  );
});

interface FieldQuery {
  /** The field that is asked for, and those above it, such as Query.experiment and Experiment.points. */
  readonly path: readonly string[];
  readonly query: string;
}
const fieldOf = ({ path }: FieldQuery) => path[path.length - 1];

function rootsOf(schema: GraphQLSchema): { readonly keyword: string; readonly type: GraphQLObjectType }[] {
  const types = { query: schema.getQueryType(), mutation: schema.getMutationType(), subscription: schema.getSubscriptionType() };
  return Object.entries(types).flatMap(([keyword, type]) => (type ? [{ keyword, type }] : []));
}

/**
 * Operations that reach every field of every type, from every root the schema has, with ids of an experiment and a run where
 * something is asked for. A field that needs another argument than an id is not answered so, which the tests below notice.
 */
function queriesOfAllFields(schema: GraphQLSchema, { experimentId, runId }: Stored): FieldQuery[] {
  const call = (field: GraphQLField<unknown, unknown>): string => {
    const required = field.args.filter(({ type }) => isNonNullType(type));
    const id = field.name === 'run' ? runId : experimentId;
    return field.name + (required.length > 0 ? `(${required.map(({ name }) => `${name}: "${id}"`).join(', ')})` : '');
  };
  const queries: FieldQuery[] = [];
  const reached = new Set<string>();
  const visit = (type: GraphQLObjectType, above: readonly string[], wrap: (selection: string) => string): void => {
    if (reached.has(type.name)) return;
    reached.add(type.name);
    for (const field of Object.values(type.getFields())) {
      const leaf = getNamedType(field.type);
      const path = [...above, `${type.name}.${field.name}`];
      queries.push({ path, query: wrap(isCompositeType(leaf) ? `${call(field)} { __typename }` : call(field)) });
      if (isObjectType(leaf)) visit(leaf, path, (inner) => wrap(`${call(field)} { ${inner} }`));
    }
  };
  for (const { keyword, type } of rootsOf(schema)) visit(type, [], (selection) => `${keyword} { ${selection} }`);
  return queries;
}

/** Operations that fields declare: by name below types, with the root's name before it at a root. */
function declaredFields(): ReadonlyMap<string, Operation> {
  return new Map(
    entrances().flatMap(({ name, operation, handler }): [string, Operation][] => {
      const root = Reflect.getMetadata('graphql:resolver_type', handler) as string | undefined;
      if (operation === undefined || !(root ?? Reflect.hasMetadata('graphql:resolve_property', handler))) return [];
      const field = (Reflect.getMetadata('graphql:resolver_name', handler) as string | undefined) ?? name.split('.')[1];
      return [[root ? `${root}.${field}` : field, operation]];
    }),
  );
}

interface GraphqlAnswer {
  readonly data?: unknown;
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string; readonly status?: number } }[];
}

async function ask(query: string, secret: string | undefined): Promise<{ status: number; body: GraphqlAnswer }> {
  const response = await fetch(`${lab.url}/graphql`, {
    method: 'POST',
    headers: { ...bearer(secret), 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return { status: response.status, body: (await response.json()) as GraphqlAnswer };
}

describe('GraphQL', () => {
  const schemaOf = () => lab.app.get(GraphQLSchemaHost).schema;

  /** What the fields on a way declare; plain values of what a resolver returned declare nothing. */
  const operationsOn = (path: readonly string[]) =>
    path.flatMap((field, depth) => declaredFields().get(depth === 0 ? field : field.split('.')[1]) ?? []);

  it('has no field at a root, and none with a resolver or arguments, that declares no operation', () => {
    const schema = schemaOf();
    const declared = declaredFields();
    const roots = rootsOf(schema).flatMap(({ type }) => Object.keys(type.getFields()).map((field) => `${type.name}.${field}`));
    expect(roots.length).toBeGreaterThan(3);
    expect(roots.filter((field) => !declared.has(field))).toEqual([]);
    const rootTypes = new Set(rootsOf(schema).map(({ type }) => type.name));
    const others = Object.values(schema.getTypeMap())
      .filter(isObjectType)
      .filter(({ name }) => !name.startsWith('__') && !rootTypes.has(name));
    // Fields without a resolver of their own have one of these names: Nest's, or that of GraphQL.
    const plain = new Set(['rootFieldResolver', 'defaultFieldResolver']);
    const resolved = others.flatMap((type) =>
      Object.values(type.getFields()).filter(({ args, resolve }) => args.length > 0 || (resolve && !plain.has(resolve.name))),
    );
    expect(resolved.length).toBeGreaterThan(3);
    expect(resolved.map(({ name }) => name).filter((name) => !declared.has(name))).toEqual([]);
    const reached = new Set(queriesOfAllFields(schema, hidden).map(({ path }) => path[path.length - 1].split('.')[0]));
    expect(others.map(({ name }) => name).filter((name) => !reached.has(name))).toEqual([]);
  });

  it.each(Object.keys(CALLERS))('obeys the policy in every field of what the lab sees, for: %s', async (caller) => {
    const { standing } = CALLERS[caller];
    for (const asked of queriesOfAllFields(schemaOf(), seenByAll)) {
      const { status, body } = await ask(asked.query, secretOf(caller));
      const operations = operationsOn(asked.path);
      expect(operations.length).toBeGreaterThan(0);
      const allowed = operations.every((operation) => ACCESS_POLICY[operation][standing] !== 'never');
      const refusal = body.errors?.[0].extensions;
      const outcome = status === 401 ? 401 : (refusal?.status ?? refusal?.code ?? 'let in');
      expect([fieldOf(asked), outcome]).toEqual([fieldOf(asked), standing === 'anonymous' ? 401 : allowed ? 'let in' : 403]);
    }
  });

  it('answers every field of a private experiment to those who may see it: the owner and admins', async () => {
    for (const secret of [owner.secret, secretOf('admin')]) {
      for (const asked of queriesOfAllFields(schemaOf(), hidden)) {
        expect([fieldOf(asked), (await ask(asked.query, secret)).body.errors]).toEqual([fieldOf(asked), undefined]);
      }
    }
  });

  const OTHERS = ['viewer', 'researcher', 'admin, token to write'];
  it.each(OTHERS)('shows nothing of another’s private experiment in any field, to: %s', async (caller) => {
    for (const asked of queriesOfAllFields(schemaOf(), hidden)) {
      const { body } = await ask(asked.query, secretOf(caller));
      const text = JSON.stringify(body.data);
      if (asked.path[0] === 'Query.experiments') {
        expect([fieldOf(asked), text]).toEqual([fieldOf(asked), expect.not.stringContaining('secret') as string]);
        expect(text).not.toContain(hidden.experimentId);
        continue;
      }
      const refused = body.errors?.every(({ extensions }) => extensions.status === 404) ?? false;
      expect([fieldOf(asked), refused || /^\{"(experiment|run)":null\}$/.test(text)]).toEqual([fieldOf(asked), true]);
    }
  });

  it('answers nothing at all to strangers, its schema neither', async () => {
    const queries = [...queriesOfAllFields(schemaOf(), seenByAll), { path: ['__schema'], query: '{ __schema { types { name } } }' }];
    for (const asked of queries) expect([fieldOf(asked), (await ask(asked.query, undefined)).status]).toEqual([fieldOf(asked), 401]);
  });
});
