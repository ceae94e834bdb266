/**
 * Every role against everything that is served, read from the router and the GraphQL schema themselves: what is new is in
 * the matrix by being there.
 */
import 'reflect-metadata';
import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import { ACCESS_POLICY, maySee, type Operation, type Standing } from '@airmeta/lab';
import { expandExperiment } from '@airmeta/spec';
import { getNamedType, isCompositeType, isNonNullType, isObjectType, type GraphQLField, type GraphQLSchema } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeclaredOperations, type Entrance } from '../src/access/declared-operations.js';
import { bearer, joinLab, startLabServer, type LabServer, type TestMember } from './lab-server.js';

const STANDINGS = ['anonymous', 'viewer', 'researcher', 'admin'] as const;
const UNKNOWN = '00000000-0000-4000-8000-000000000000';

let lab: LabServer;
let members: Readonly<Record<Exclude<Standing, 'anonymous'>, TestMember>>;
let owner: TestMember;
/** The owner's private experiment, and a run of it. */
let experimentId: string;
let runId: string;

beforeAll(async () => {
  lab = await startLabServer({ AIRMETA_AUTH: 'on', AIRMETA_RATE_LIMIT_ANONYMOUS: '1000000', AIRMETA_RATE_LIMIT: '1000000' });
  const { persistence } = lab;
  const [viewer, researcher, admin] = await Promise.all(
    (['viewer', 'researcher', 'admin'] as const).map((role) => joinLab(persistence, `a-${role}`, role)),
  );
  members = { viewer, researcher, admin };
  owner = await joinLab(persistence, 'owner', 'researcher');
  const expanded = expandExperiment({ version: 1, name: 'secret', base: { task: { family: 'sinusoid' }, rounds: 10 } });
  const store = persistence.experimentsOf(owner);
  const labels = expanded.points.map(({ index }) => `point ${index}`);
  experimentId = (await store.create({ expanded, labels, replicateSeeds: [1], visibility: 'private' })).summary.id;
  runId = (await store.runs(experimentId, {}, { limit: 1 })).items[0].id;
});

afterAll(() => lab.stop());

const secretOf = (standing: Standing) => (standing === 'anonymous' ? undefined : members[standing].secret);
const entrances = () => lab.app.get(DeclaredOperations).entrances();

interface Route {
  readonly method: string;
  readonly path: string;
}
const shown = ({ method, path }: Route) => `${method} ${path}`;

/** What Express routes, whoever registered it. */
function servedRoutes(): Route[] {
  const { router } = lab.app.getHttpAdapter().getInstance();
  return router.stack.flatMap(({ route }) =>
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

/** What passes for a body; all but these take, or ignore, a change that changes nothing. */
const BODIES: Readonly<Record<string, string>> = {
  'POST /v1/experiments/:id/extend': '{"replicates":2}',
  'POST /v1/experiments/:id/retry': '{}',
};

async function call({ method, path }: Route, id: string, secret: string | undefined): Promise<Response> {
  const response = await fetch(lab.url + path.replace(':id', id).replace(':name', 'nobody'), {
    method,
    headers: { ...bearer(secret), 'content-type': 'application/json' },
    ...(method === 'GET' ? {} : { body: BODIES[shown({ method, path })] ?? '{"visibility":"private"}' }),
  });
  if (response.headers.get('content-type')?.startsWith('text/event-stream')) await response.body?.cancel();
  return response;
}

describe('REST', () => {
  it('serves no route that declares no operation, but the page of its own documentation', () => {
    const declared = new Set(declaredRoutes().map(shown));
    const others = servedRoutes().filter((route) => !declared.has(shown(route)));
    expect(others.map(({ path }) => path).filter((path) => !/^\/docs(-json|-yaml)?(\/|$)/.test(path))).toEqual([]);
    expect(declared.size).toBeGreaterThan(15);
    expect(servedRoutes().map(shown)).toEqual(expect.arrayContaining([...declared]));
  });

  it.each(STANDINGS)('obeys the policy on every route for: %s', async (standing) => {
    const seen: Record<string, string> = {};
    const expected: Record<string, string> = {};
    for (const route of declaredRoutes()) {
      const { status } = await call(route, UNKNOWN, secretOf(standing));
      const refused = status === 401 || status === 403;
      seen[shown(route)] = refused ? String(status) : 'let in';
      const reach = ACCESS_POLICY[route.operation][standing];
      expected[shown(route)] = reach !== 'never' ? 'let in' : standing === 'anonymous' ? '401' : '403';
    }
    expect(seen).toEqual(expected);
  });

  it.each(['viewer', 'researcher'] as const)('knows nothing of another’s private experiment on any route, for: %s', async (standing) => {
    const { caller } = members[standing];
    expect(maySee(caller, { ownerId: owner.caller.member?.id ?? '', visibility: 'private' })).toBe(false);
    const routes = declaredRoutes().filter(({ path }) => /^\/v1\/(experiments|runs)\/:id/.test(path));
    expect(routes.length).toBeGreaterThan(12);
    for (const route of routes) {
      const response = await call(route, route.path.includes('/runs/') ? runId : experimentId, members[standing].secret);
      const allowed = ACCESS_POLICY[route.operation][standing] !== 'never';
      expect([shown(route), response.status]).toEqual([shown(route), allowed ? 404 : 403]);
      expect(await response.text()).not.toContain('secret');
    }
    const list = await call({ method: 'GET', path: '/v1/experiments' }, '', members[standing].secret);
    expect(await list.json()).toEqual({ items: [], nextCursor: null });
  });
});

/** Queries that reach every field of every type from the root, with real ids where an experiment or run is asked for. */
function queriesOfAllFields(schema: GraphQLSchema): { field: string; query: string }[] {
  const root = schema.getQueryType();
  if (!root) return [];
  const call = (field: GraphQLField<unknown, unknown>): string => {
    const required = field.args.filter(({ type }) => isNonNullType(type));
    const id = field.name === 'run' ? runId : experimentId;
    return field.name + (required.length > 0 ? `(${required.map(({ name }) => `${name}: "${id}"`).join(', ')})` : '');
  };
  const queries: { field: string; query: string }[] = [];
  const reached = new Set<string>();
  const visit = (type: typeof root, wrap: (selection: string) => string): void => {
    if (reached.has(type.name)) return;
    reached.add(type.name);
    for (const field of Object.values(type.getFields())) {
      const leaf = getNamedType(field.type);
      const selection = isCompositeType(leaf) ? `${call(field)} { __typename }` : call(field);
      queries.push({ field: `${type.name}.${field.name}`, query: wrap(selection) });
      if (isObjectType(leaf)) visit(leaf, (inner) => wrap(`${call(field)} { ${inner} }`));
    }
  };
  visit(root, (selection) => `{ ${selection} }`);
  return queries;
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

  it('has no field at its root that declares no operation', () => {
    const declared = new Set(
      entrances().flatMap(({ name, operation, handler }) => {
        if (operation === undefined || !Reflect.hasMetadata('graphql:resolver_type', handler)) return [];
        return [(Reflect.getMetadata('graphql:resolver_name', handler) as string | undefined) ?? name.split('.')[1]];
      }),
    );
    const schema = schemaOf();
    const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap((type) =>
      type ? Object.keys(type.getFields()) : [],
    );
    expect(roots.length).toBeGreaterThan(3);
    expect(roots.filter((name) => !declared.has(name))).toEqual([]);
  });

  it('answers every field to those who may see it: the owner and admins', async () => {
    for (const secret of [owner.secret, members.admin.secret]) {
      for (const { field, query } of queriesOfAllFields(schemaOf())) {
        expect([field, (await ask(query, secret)).body.errors]).toEqual([field, undefined]);
      }
    }
  });

  it.each(['viewer', 'researcher'] as const)('shows nothing of another’s private experiment in any field, to: %s', async (standing) => {
    for (const { field, query } of queriesOfAllFields(schemaOf())) {
      const { body } = await ask(query, members[standing].secret);
      const refused = body.errors?.every(({ extensions }) => extensions.status === 404) ?? false;
      const empty = /^\{"(experiment|run)":null\}$|^\{"experiments":\{("items":\[\]|"nextCursor":null|"__typename":"\w+")\}\}$/;
      expect([field, refused || empty.test(JSON.stringify(body.data))]).toEqual([field, true]);
    }
  });

  it('answers nothing at all to strangers, its schema neither', async () => {
    const queries = [...queriesOfAllFields(schemaOf()), { field: '__schema', query: '{ __schema { types { name } } }' }];
    for (const { field, query } of queries) expect([field, (await ask(query, undefined)).status]).toEqual([field, 401]);
  });
});
