/** The image: what is put into it, what is left out, and who owns it. There is no container engine in a test; the files are read. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { PROJECT } from '../support/project.js';

const read = (path: string) => readFileSync(join(PROJECT, path), 'utf8');

/** Instructions, with what is continued on the next line. */
const instructions = read('Dockerfile')
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => line !== '');

/** Instructions of each stage, by its name; the last has none. */
const stages = new Map<string, string[]>();
for (const line of instructions) {
  const [, name] = /^FROM \S+(?: AS (\S+))?$/.exec(line) ?? [];
  if (line.startsWith('FROM ')) stages.set(name ?? 'final', [line]);
  else [...stages.values()].at(-1)?.push(line);
}
const stage = (name: string) => stages.get(name) ?? [];

const packageSchema = z.object({ name: z.string(), dependencies: z.record(z.string(), z.string()).default({}) });
const workspaces = ['apps', 'libs']
  .flatMap((folder) => readdirSync(join(PROJECT, folder)).map((name) => `${folder}/${name}`))
  .filter((folder) => existsSync(join(PROJECT, folder, 'package.json')));
const manifests = new Map(workspaces.map((folder) => [folder, packageSchema.parse(JSON.parse(read(`${folder}/package.json`)))]));

const names = z.record(z.string(), z.string()).default({});
const lock = z
  .object({
    packages: z.record(
      z.string(),
      z.object({
        license: z.string().optional(),
        devOptional: z.boolean().optional(),
        dependencies: names,
        peerDependencies: names,
        peerDependenciesMeta: z.record(z.string(), z.object({ optional: z.boolean().optional() })).default({}),
      }),
    ),
  })
  .parse(JSON.parse(read('package-lock.json'))).packages;

/** Where a package finds another: beside it, or in a folder above. */
function found(name: string, from: string): string | undefined {
  for (let place = from; ; place = place.slice(0, Math.max(0, place.lastIndexOf('/')))) {
    const candidate = `${place === '' ? '' : `${place}/`}node_modules/${name}`;
    if (candidate in lock) return candidate;
    if (place === '') return undefined;
  }
}

/** Places of all packages that are needed, whoever needs them, as an installation without development and optional packages has them. */
function installed(workspacesUsed: ReadonlySet<string>): ReadonlySet<string> {
  const places = new Set<string>();
  const visit = (place: string): void => {
    const { dependencies, peerDependencies, peerDependenciesMeta } = lock[place];
    const peers = Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional);
    for (const name of [...Object.keys(dependencies), ...peers]) {
      const next = name.startsWith('@airmeta/') ? undefined : found(name, place);
      if (next === undefined || places.has(next)) continue;
      places.add(next);
      visit(next);
    }
  };
  for (const [folder, { name }] of manifests) if (workspacesUsed.has(name)) visit(folder);
  return places;
}

describe('the image', () => {
  it('is installed from the manifests alone, so that packages are installed again only when these change', () => {
    const copied = stage('manifests').filter((line) => line.startsWith('COPY'));
    expect(copied[0]).toBe('COPY package.json package-lock.json .npmrc ./');
    expect(copied.slice(1).sort()).toEqual([...workspaces, 'test'].map((folder) => `COPY ${folder}/package.json ${folder}/`).sort());
    for (const name of ['production', 'build']) expect(stage(name).slice(0, 2).join()).toMatch(/^FROM manifests AS \w+,RUN npm ci/);
  });

  it('has dependencies of production only, of the three programs and whatever libraries they use', () => {
    const [, install] = stage('production');
    expect(install).toContain('npm ci --omit=dev --omit=optional');
    const asked = [...install.matchAll(/-w (\S+)/g)].map(([, name]) => name);
    expect(asked).toEqual(['@airmeta/api', '@airmeta/worker', '@airmeta/cli']);
    const used = new Set(asked);
    for (const name of used) {
      const own = [...manifests.values()].find((manifest) => manifest.name === name);
      for (const dependency of Object.keys(own?.dependencies ?? {})) if (dependency.startsWith('@airmeta/')) used.add(dependency);
    }
    const shipped = installed(used);
    expect(shipped.size).toBeGreaterThan(200);
    // Licences that ask for more than to be named are in none of it: elkjs (EPL-2.0) comes with Prisma's command line, which stays behind.
    for (const name of shipped) expect([name, /GPL|EPL|MPL|CDDL|SSPL|BUSL/.test(lock[name]?.license ?? '')]).toEqual([name, false]);
    for (const tool of ['prisma', 'elkjs', 'vite', 'typescript', 'vitest']) expect(shipped.has(`node_modules/${tool}`)).toBe(false);
    expect(Object.keys(lock).filter((name) => /(^|\/)elkjs$/.test(name))).toEqual(['node_modules/elkjs']);
    expect(lock['node_modules/elkjs']).toMatchObject({ devOptional: true, license: 'EPL-2.0' });
  });

  it('runs as a user who owns none of its files, and says whether it is healthy', () => {
    const final = stage('final');
    expect(final.filter((line) => line.startsWith('COPY')).every((line) => /^COPY --from=(production|build) /.test(line))).toBe(true);
    expect(final.join('\n')).not.toMatch(/--chown|chmod|chown/);
    expect(final.find((line) => line.startsWith('USER '))).toBe('USER 1000:1000');
    expect(final.find((line) => line.startsWith('HEALTHCHECK '))).toMatch(/--timeout=5s .*\/health\/live/);
    expect(final.at(-1)).toBe('CMD ["node", "apps/api/dist/main.js"]');
  });

  it('takes its base by a name that a digest can be given for', () => {
    expect(instructions[0]).toMatch(/^ARG NODE_IMAGE=node:\d+-/);
    for (const line of instructions.filter((one) => one.startsWith('FROM ')))
      expect(line).toMatch(/^FROM (\$\{NODE_IMAGE\}|manifests)( AS \w+)?$/);
  });
});

describe('.dockerignore', () => {
  const patterns = read('.dockerignore')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));

  /** A pattern as Docker reads it: names that begin with a dot are names. */
  const form = (pattern: string): RegExp =>
    new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('**/', '<any>').replaceAll('*', '[^/]*').replaceAll('<any>', '(.*/)?')}$`);

  /** As Docker does: the last pattern that matches the path, or a folder above it, decides. */
  function isSent(path: string): boolean {
    const parts = path.split('/');
    const ways = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
    return patterns.reduce((sent, pattern) => {
      const wanted = pattern.startsWith('!');
      return ways.some((way) => form(wanted ? pattern.slice(1) : pattern).test(way)) ? wanted : sent;
    }, true);
  }

  it.each([
    '.git/config',
    '.airmeta/postgres/base/1/1',
    '.airmeta/postgres-password',
    'lab.backup.gz',
    'backups/lab.backup.gz',
    'apps/api/lab.backup.gz',
    '.env',
    'apps/api/.env.local',
    'datasets/omniglot/images.zip',
    'out/quickstart.csv',
    'node_modules/pg/package.json',
    'libs/spec/node_modules/zod/package.json',
    'libs/spec/dist/index.js',
    'libs/persistence/src/generated/client.ts',
    'libs/persistence/test/backup.spec.ts',
    'credentials.json',
    'docs/README.md',
    'test/faults/limits.spec.ts',
  ])('keeps %s out', (path) => expect(isSent(path)).toBe(false));

  it.each([
    'package-lock.json',
    'apps/api/src/main.ts',
    'libs/spec/src/units.ts',
    'prisma/schema.prisma',
    'examples/quickstart.yaml',
    'test/package.json',
  ])('sends %s', (path) => expect(isSent(path)).toBe(true));
});
