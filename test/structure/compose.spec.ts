/** The shared deployment's file: it starts the programs there are, with the variables they read. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { WORKER_FLAGS } from '@airmeta/service';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

const serviceSchema = z.object({
  image: z.string(),
  build: z.string().optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.literal('service_healthy') })).optional(),
  healthcheck: z
    .union([z.object({ test: z.array(z.string()), timeout: z.string(), retries: z.number() }), z.object({ disable: z.literal(true) })])
    .optional(),
  networks: z.array(z.string()),
  read_only: z.boolean().optional(),
  cap_drop: z.array(z.string()).optional(),
  ports: z.array(z.string()).optional(),
  stop_grace_period: z.string().optional(),
  container_name: z.string().optional(),
});
const compose = z
  .object({
    services: z.record(z.string(), serviceSchema),
    networks: z.record(z.string(), z.object({ internal: z.boolean().optional() })),
    volumes: z.record(z.string(), z.unknown()),
  })
  .parse(parse(readFileSync(`${PROJECT}docker-compose.yml`, 'utf8'), { merge: true }));

describe('docker-compose.yml', () => {
  it('has PostgreSQL, Redis, the server and the workers', () => {
    expect(Object.keys(compose.services)).toEqual(['postgres', 'redis', 'api', 'worker']);
  });

  it('starts programs that exist', () => {
    for (const name of ['api', 'worker']) {
      const [node, ...rest] = compose.services[name].command ?? [];
      const entry = rest.at(-1) ?? '';
      expect(node).toBe('node');
      expect(rest.slice(0, -1)).toEqual(name === 'worker' ? WORKER_FLAGS : []);
      expect(existsSync(`${PROJECT}${entry.replace('/dist/', '/src/').replace(/\.js$/, '.ts')}`)).toBe(true);
    }
    expect(existsSync(`${PROJECT}Dockerfile`)).toBe(true);
  });

  it('gives server and workers the variables they read', () => {
    for (const name of ['api', 'worker']) {
      const { environment = {} } = compose.services[name];
      expect(Object.keys(environment)).toEqual(expect.arrayContaining(['DATABASE_URL', 'REDIS_URL', 'AIRMETA_DATASETS_DIR']));
      const source = [`apps/${name}/src/config.ts`, 'libs/service/src/service-environment.ts']
        .map((path) => readFileSync(`${PROJECT}${path}`, 'utf8'))
        .join('\n');
      for (const variable of Object.keys(environment)) expect(source).toContain(variable);
      expect(new URL(environment['DATABASE_URL'].replace(/\$\{[^}]*\}/, 'secret')).hostname).toBe('postgres');
      expect(new URL(environment['REDIS_URL'].replace(/\$\{[^}]*\}/, 'secret'))).toMatchObject({ hostname: 'redis', password: 'secret' });
    }
  });

  it('waits for what each service needs, and every service waited for says when it is healthy', () => {
    const waitedFor = Object.values(compose.services).flatMap(({ depends_on = {} }) => Object.keys(depends_on));
    expect([...new Set(waitedFor)].sort()).toEqual(['api', 'postgres', 'redis']);
    for (const name of waitedFor) expect(compose.services[name].healthcheck).toHaveProperty('test');
  });

  it('keeps database and queue on a network of their own, which workers do not leave', () => {
    for (const name of ['postgres', 'redis', 'worker']) expect([name, compose.services[name].networks]).toEqual([name, ['inside']]);
    expect(compose.networks['inside'].internal).toBe(true);
    expect(compose.services['api'].networks).toEqual(['inside', 'outside']);
  });

  it('runs server and workers with nothing that they may write or be allowed', () => {
    for (const name of ['api', 'worker']) expect(compose.services[name]).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
  });

  it('lets workers be scaled: no fixed name, no fixed port', () => {
    expect(compose.services['worker'].container_name).toBeUndefined();
    expect(compose.services['worker'].ports).toBeUndefined();
  });

  it('asks everybody who they are', () => {
    expect(compose.services['api'].environment).toMatchObject({ HOST: '0.0.0.0', AIRMETA_AUTH: 'on' });
  });

  it('publishes the server on this machine only and keeps no password', () => {
    for (const { ports = [] } of Object.values(compose.services)) for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
    expect(compose.services['postgres'].environment?.['POSTGRES_PASSWORD']).toContain(':?');
    expect(compose.services['redis'].environment?.['REDIS_PASSWORD']).toContain(':?');
    expect(compose.services['redis'].command?.join(' ')).toContain('--requirepass "$$REDIS_PASSWORD"');
  });
});
