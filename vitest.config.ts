import { defineConfig } from 'vitest/config';
import { defaultServerConditions } from 'vite';

/** Workspace packages are tested from their sources: their exports map names them under this condition. */
const conditions = ['airmeta-source', ...defaultServerConditions];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['libs/**/*.spec.ts', 'apps/**/*.spec.ts', 'test/**/*.spec.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    globalSetup: ['test/support/postgres-setup.ts'],
  },
});
