import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig } from 'vitest/config';

const pages = 'test/e2e/**/*.test.ts';
// They replace modules, and so each wants its own copy of them.
const replacing = ['test/unit/renderer/**', 'test/unit/electron/**'];
const unit = 'test/unit/**/*.test.ts';

export default defineConfig({
  // The package begins to download when it is loaded outside of its runtime: a recorder stands in its place.
  resolve: {
    alias: [{ find: /^electron$/, replacement: fileURLToPath(new URL('test/fakes/electron.ts', import.meta.url)) }],
  },
  // Wide limits: they end what hangs, on a loaded machine too, and measure nothing.
  test: {
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // One accident must not hide what 5,000 other tests found: tried again there, and named as flaky in the last lines.
    retry: process.env.SEALIFT_TEST_NEEDS === 'all' ? 1 : 0,
    maxWorkers: 2,
    reporters: ['default', './test/plain-line-reporter.ts'],
    globalSetup: ['./test/build-once.ts'],
    setupFiles: ['./test/say-unwell-runs.ts'],
    // Chromium gives up what it asks for when a network of containers comes or goes: its tests do not run beside those.
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [unit],
          exclude: [...configDefaults.exclude, ...replacing],
          // Loading the modules again for each file takes twice as long as the tests.
          isolate: false,
          restoreMocks: true,
          unstubEnvs: true,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'core',
          include: ['test/integration/**/*.test.ts', ...replacing.map((folder) => `${folder}/*.test.ts`)],
          exclude: configDefaults.exclude,
          sequence: { groupOrder: 0 },
        },
      },
      { extends: true, test: { name: 'pages', include: [pages], sequence: { groupOrder: 1 } } },
    ],
  },
});
