/** The layers of the house. Every rule says in a sentence why an import is refused. */
const lib = (...names) => `^libs/(${names.join('|')})/`;

/** A library may import these and nothing else of the project. */
const MAY_IMPORT = {
  spec: [],
  numerics: [],
  channel: ['numerics'],
  learning: ['numerics'],
  tasks: ['numerics'],
  simulation: ['spec', 'numerics', 'channel', 'learning', 'tasks'],
  lab: ['spec', 'numerics'],
  persistence: ['lab', 'spec'],
  queue: ['lab', 'spec'],
  datasets: ['spec', 'tasks'],
  compute: ['lab', 'spec', 'simulation', 'learning', 'tasks', 'datasets'],
  charts: ['spec'],
  client: ['spec'],
  service: [],
};

const PURE = ['spec', 'numerics', 'channel', 'learning', 'tasks', 'simulation'];

const layers = Object.entries(MAY_IMPORT).map(([name, allowed]) => ({
  name: `layer-${name}`,
  severity: 'error',
  comment: `libs/${name} may import ${allowed.length > 0 ? allowed.map((other) => `libs/${other}`).join(', ') : 'no other library of the project'}: imports run one way, so that each floor can be read and tested without the ones above it.`,
  from: { path: lib(name), pathNot: ['\\.spec\\.ts$', '/test/'] },
  to: { path: '^(libs|apps|test)/', pathNot: [name, ...allowed].map((other) => `^libs/${other}/`) },
}));

module.exports = {
  forbidden: [
    ...layers,
    {
      name: 'pages-are-clients',
      severity: 'error',
      comment:
        'The dashboard runs in a browser and knows the lab as any client does: it may import libs/client, libs/charts and libs/spec, and nothing of Node.',
      from: { path: '^apps/web/src/' },
      to: {
        path: ['^libs/', '^(node:)?(fs|path|os|child_process|http|https|net|process|worker_threads|crypto)$'],
        pathNot: lib('client', 'charts', 'spec'),
      },
    },
    {
      name: 'nothing-imports-an-app',
      severity: 'error',
      comment: 'apps wire libraries together and nothing imports them: what two apps share belongs in a library.',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'pure-stays-pure',
      severity: 'error',
      comment:
        'The science (spec to simulation) computes from its arguments only: no server framework, database, queue, file, process, clock or network.',
      from: { path: lib(...PURE), pathNot: '\\.spec\\.ts$' },
      to: {
        path: [
          '^(node:)?(fs|fs/promises|path|os|child_process|http|https|net|process|timers|worker_threads|perf_hooks)$',
          'node_modules/(@nestjs|@prisma|bullmq|ioredis|pg|pino|express)/',
        ],
      },
    },
    {
      name: 'nest-lives-in-apps',
      severity: 'error',
      comment: 'NestJS decorators live in apps/: libraries are plain TypeScript, usable without a container.',
      from: { path: '^libs/' },
      to: { path: 'node_modules/@nestjs/' },
    },
    {
      name: 'no-circles',
      severity: 'error',
      comment: 'Two files that need each other are one concept, or hide a third: split or join them.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'declared-dependencies',
      severity: 'error',
      comment: 'A package that is imported must be in the importing workspace’s package.json, or a clean install will miss it.',
      from: { path: '^(libs|apps)/', pathNot: ['\\.spec\\.ts$', '/test/'] },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown', 'undetermined'] },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/dist/'] },
    exclude: { path: ['/dist/', '/generated/', 'libs/learning/assembly/'] },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      conditionNames: ['airmeta-source', 'import', 'require', 'node', 'default', 'types'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.json', '.d.ts'],
    },
    combinedDependencies: true,
  },
};
