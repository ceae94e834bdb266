/** Units and manifests say the same as the programs: commands that exist, and variables that are read. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WORKER_FLAGS } from '@airmeta/service';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { PROJECT } from '../support/project.js';

const APPS = ['api', 'worker'] as const;
const THREE = ['DATABASE_URL', 'REDIS_URL', 'AIRMETA_DATASETS_DIR'];
const STOP_SECONDS = 30;

const read = (path: string) => readFileSync(join(PROJECT, path), 'utf8');
const deployment = (path: string) => read(join('docs/deployment', path));

/** Names of the variables a program knows. */
function knownTo(app: (typeof APPS)[number]): string {
  return read(`apps/${app}/src/config.ts`) + read('libs/service/src/service-environment.ts');
}

function expectCommand(app: (typeof APPS)[number], [node, ...rest]: readonly string[]): void {
  expect(node).toMatch(/^(\/usr\/bin\/)?node$/);
  expect(rest).toEqual([...(app === 'worker' ? WORKER_FLAGS : []), `apps/${app}/dist/main.js`]);
  expect(existsSync(join(PROJECT, `apps/${app}/src/main.ts`))).toBe(true);
}

describe('the units of systemd', () => {
  /** Values by key; a key may come more than once. */
  function unit(file: string): Map<string, string[]> {
    const values = new Map<string, string[]>();
    for (const line of deployment(`systemd/${file}`).split('\n')) {
      const [, key, value] = /^([A-Za-z]+)=(.*)$/.exec(line) ?? [];
      if (key !== undefined && value !== undefined) values.set(key, [...(values.get(key) ?? []), value]);
    }
    return values;
  }
  const units = { api: unit('airmeta-api.service'), worker: unit('airmeta-worker@.service') };

  it.each(APPS)('start the program with variables it reads, and let it stop: %s', (app) => {
    const one = units[app];
    expectCommand(app, one.get('ExecStart')?.[0].split(' ') ?? []);
    expect(one.get('TimeoutStopSec')).toEqual([String(STOP_SECONDS)]);
    expect(one.get('EnvironmentFile')).toEqual(['/etc/airmeta/lab.env']);
    const own = (one.get('Environment') ?? []).flatMap((line) => line.split(' ')).map((pair) => pair.split('=')[0]);
    for (const variable of own) expect(knownTo(app)).toContain(variable);
  });

  it('need three variables on a worker machine, and no more', () => {
    const variables = [...deployment('systemd/lab.env').matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name);
    expect(variables).toEqual(THREE);
    expect(units.worker.get('Environment')).toBeUndefined();
  });
});

const probeSchema = z.object({
  httpGet: z.object({ path: z.string(), port: z.number() }),
  periodSeconds: z.number(),
  timeoutSeconds: z.number(),
  failureThreshold: z.number(),
});
const CLOSED = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } };
const containerSchema = z.object({
  image: z.string(),
  command: z.array(z.string()),
  env: z.array(
    z.object({
      name: z.string(),
      value: z.string().optional(),
      valueFrom: z.object({ secretKeyRef: z.object({ name: z.string(), key: z.string() }) }).optional(),
    }),
  ),
  ports: z.array(z.object({ containerPort: z.number() })).optional(),
  livenessProbe: probeSchema.optional(),
  readinessProbe: probeSchema.optional(),
  startupProbe: probeSchema.optional(),
  securityContext: z.unknown(),
});
const podSchema = z.object({ terminationGracePeriodSeconds: z.number(), containers: z.tuple([containerSchema]) });

describe('the manifests of Kubernetes', () => {
  const documents = parseAllDocuments(deployment('kubernetes/lab.yaml')).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as { kind: string; metadata: { name: string }; spec: { template?: { spec: unknown } } };
  });
  const named = (kind: string, name: string) => documents.find((one) => one.kind === kind && one.metadata.name === name);
  const podOf = (app: string) => podSchema.parse(named('Deployment', `airmeta-${app}`)?.spec.template?.spec);

  it.each(APPS)('start the program with variables it reads, and let it stop: %s', (app) => {
    const { terminationGracePeriodSeconds, containers } = podOf(app);
    const [{ command, env }] = containers;
    expectCommand(app, command);
    expect(terminationGracePeriodSeconds).toBe(STOP_SECONDS);
    for (const { name } of env) expect(knownTo(app)).toContain(name);
    expect(env.map(({ name }) => name)).toEqual(expect.arrayContaining(THREE));
    for (const key of ['DATABASE_URL', 'REDIS_URL']) {
      expect(env.find(({ name }) => name === key)).toMatchObject({ valueFrom: { secretKeyRef: { name: 'airmeta', key } } });
    }
    expect(containers[0].securityContext).toEqual(CLOSED);
  });

  it('need three variables for a worker, which has no port, so that it can be scaled', () => {
    const [worker] = podOf('worker').containers;
    expect(worker.env.map(({ name }) => name)).toEqual(THREE);
    expect(worker.ports).toBeUndefined();
  });

  it('ask everybody who they are, and probe what is served', () => {
    const [api] = podOf('api').containers;
    expect(api.env).toEqual(
      expect.arrayContaining([
        { name: 'HOST', value: '0.0.0.0' },
        { name: 'AIRMETA_AUTH', value: 'on' },
      ]),
    );
    const health = read('apps/api/src/rest/health.controller.ts');
    expect(health).toContain("@Controller('health')");
    const patience = (probe: typeof api.livenessProbe) => (probe?.periodSeconds ?? 0) * (probe?.failureThreshold ?? 0);
    expect(patience(api.livenessProbe)).toBeGreaterThanOrEqual(60);
    expect(patience(api.startupProbe)).toBeGreaterThanOrEqual(300);
    for (const probe of [api.livenessProbe, api.readinessProbe, api.startupProbe]) {
      expect(probe?.timeoutSeconds).toBeGreaterThanOrEqual(5);
      const [, prefix, name] = (probe?.httpGet.path ?? '').split('/');
      expect(prefix).toBe('health');
      expect(health).toContain(`@Get('${name}')`);
      expect(probe?.httpGet.port).toBe(api.ports?.[0].containerPort);
    }
  });

  it('have a queue with a password, at the address that the secret of the first lines names', () => {
    const [, address] = /REDIS_URL=(\S+)/.exec(deployment('kubernetes/lab.yaml')) ?? [];
    const { hostname, password } = new URL(address);
    expect(named('Service', hostname)).toBeDefined();
    expect(password).not.toBe('');
    const redis = JSON.stringify(named('Deployment', 'airmeta-redis')?.spec.template?.spec);
    expect(redis).toContain('--requirepass \\"$REDIS_PASSWORD\\"');
    expect(redis).toContain(JSON.stringify({ secretKeyRef: { name: 'airmeta', key: 'REDIS_PASSWORD' } }));
  });

  it('say for every workload who may speak to it and to whom it speaks', () => {
    const workloads = documents.filter(({ kind }) => kind === 'Deployment').map(({ metadata }) => metadata.name);
    const policies = documents.filter(({ kind }) => kind === 'NetworkPolicy').map(({ metadata }) => metadata.name);
    expect(policies.sort()).toEqual(workloads.sort());
    expect(named('NetworkPolicy', 'airmeta-redis')?.spec).toMatchObject({ policyTypes: ['Ingress', 'Egress'], egress: [] });
    expect(named('NetworkPolicy', 'airmeta-worker')?.spec).toMatchObject({ policyTypes: ['Ingress', 'Egress'], ingress: [] });
  });
});
