import { defineConfig } from 'vitest/config';

/**
 * Workspace packages are tested from their sources, which their exports name `airmeta-source`; the rest is Vite's default, but for 'module',
 * which Node does not know: files under it are for bundlers, and some cannot be loaded.
 */
const conditions = ['airmeta-source', 'node', 'development|production'];

export default defineConfig({
  // graphql 16 has two entries, and Node takes this one: types of the one are none to the other.
  resolve: { conditions, alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  ssr: { resolve: { conditions } },
  // Nest's decorators, in test files too, which are in no package's tsconfig.
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
  test: {
    include: ['libs/**/*.spec.ts', 'apps/**/*.spec.ts', 'test/**/*.spec.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    // Many tests wait for processes: two at once are done in little more than half the time, on two cores as well.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 180_000,
    // What a page shows comes when it comes: a test that waits for it is ended by the bound above.
    expect: { poll: { timeout: 30_000 } },
    // So that both builds of the kernels are tested, as they run; see libs/compute/src/engine-flags.ts.
    execArgv: process.versions.node.startsWith('20.') ? ['--experimental-wasm-relaxed-simd'] : [],
    globalSetup: ['test/support/postgres-setup.ts'],
    setupFiles: ['test/support/property-seed.ts'],
  },
});
