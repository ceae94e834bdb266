import { defineConfig } from 'vitest/config';

/** Workspace packages are tested from their sources, which their exports name `airmeta-source`; the rest is Vite's default. */
const conditions = ['airmeta-source', 'module', 'node', 'development|production'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['libs/**/*.spec.ts', 'apps/**/*.spec.ts', 'test/**/*.spec.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    globalSetup: ['test/support/postgres-setup.ts'],
  },
});
