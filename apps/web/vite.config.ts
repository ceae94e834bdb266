import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The pages are static and may lie below any path; `PORT=3000 npm start` beside `vite` is what they ask while they are written. */
export default defineConfig({
  base: './',
  plugins: [react()],
  build: { outDir: 'dist/site', emptyOutDir: true, target: 'es2022', chunkSizeWarningLimit: 1_200 },
  server: { host: '127.0.0.1', proxy: { '/v1': 'http://127.0.0.1:3000', '/graphql': 'http://127.0.0.1:3000' } },
});
