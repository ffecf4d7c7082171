import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // The package begins to download when it is loaded outside of its runtime: a recorder stands in its place.
  resolve: {
    alias: [{ find: /^electron$/, replacement: fileURLToPath(new URL('test/fakes/electron.ts', import.meta.url)) }],
  },
  // Wide limits: they end what hangs, on a loaded machine too, and measure nothing.
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    maxWorkers: 2,
    reporters: ['default', './test/plain-line-reporter.ts'],

    globalSetup: ['./test/build-once.ts'],
  },
});
