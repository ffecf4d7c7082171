import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig } from 'vitest/config';

const pages = 'test/e2e/**/*.test.ts';
const shared = ['test/unit', 'test/integration'];
/** What makes a test want its own copy of the modules: it replaces one, or looks at what a window or a store keeps, which another file's tests may have filled. */
const wantsOwnModules = (path: string) =>
  /\/(renderer|electron)\//.test(path) || readFileSync(path, 'utf8').includes('vi.mock(');
const apart = shared
  .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path}`))
  .filter((path) => path.endsWith('.test.ts') && wantsOwnModules(path));

export default defineConfig({
  // The package begins to download when it is loaded outside of its runtime: a recorder stands in its place.
  resolve: {
    alias: [{ find: /^electron$/, replacement: fileURLToPath(new URL('test/fakes/electron.ts', import.meta.url)) }],
  },
  // Wide limits: they end what hangs, on a loaded machine too, and measure nothing.
  test: {
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 60_000 } },
    // One accident must not hide what 5,000 other tests found: tried again there, and named as flaky in the last lines.
    retry: process.env.SEALIFT_TEST_NEEDS === 'all' ? 1 : 0,
    maxWorkers: 3,
    reporters: ['default', './test/plain-line-reporter.ts'],
    globalSetup: ['./test/build-once.ts'],
    setupFiles: ['./test/around-each-file.ts'],
    // The built command line runs as it is; the built window is given the recorder.
    server: { deps: { external: [/\/out\/main\/command-line\.js/] } },
    // Chromium gives up what it asks for when a network of containers comes or goes: its tests do not run beside those.
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...apart],
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
          include: ['test/integration/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...apart],
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      { extends: true, test: { name: 'apart', include: apart, sequence: { groupOrder: 0 } } },
      // Of `npm run test:engines` alone: what they need takes ten minutes to build.
      ...(process.env.SEALIFT_TEST_ENGINES
        ? [{ extends: true as const, test: { name: 'engines', include: ['test/engines/**/*.test.ts'] } }]
        : []),
      { extends: true, test: { name: 'pages', include: [pages], sequence: { groupOrder: 1 } } },
    ],
  },
});
