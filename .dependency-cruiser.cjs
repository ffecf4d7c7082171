// Who may import whom; the table in ARCHITECTURE.md says why.
const no = (name, from, to) => ({ name, severity: 'error', from, to });
const pkg = (names) => `(^|node_modules/)(${names})(/|$)`; // resolved or not installed: both must match
const shells = '^src/main/(electron|headless|cli)/';
module.exports = {
  forbidden: [
    no('no-cycles', {}, { circular: true }),
    no('no-unresolved', {}, { couldNotResolve: true }),
    no('shared-is-pure', { path: '^src/shared' }, { pathNot: ['^src/shared', pkg('zod')] }),
    no(
      'core-knows-no-shell',
      { path: '^src/main/(core|workers|stand-ins)' },
      { path: [shells, '^src/(preload|renderer)/', pkg('electron|react')] },
    ),
    no('workers-start-by-path', { path: '^src/main/core' }, { path: '^src/main/workers' }),
    no('stand-ins-stand-apart', { path: '^src/main/(core|cli|headless|electron)' }, { path: '^src/main/stand-ins' }),
    no('electron-only-in-its-shell', { pathNot: '^src/(main/electron|preload)/' }, { path: pkg('electron') }),
    no(
      'shells-are-strangers',
      { path: shells, pathNot: '^src/main/cli/commands/serve.ts$' },
      { path: shells, pathNot: '^src/main/$1/' },
    ),
    no('preload-is-tiny', { path: '^src/preload' }, { pathNot: ['^src/(preload|shared)/', pkg('electron')] }),
    no('renderer-is-a-web-page', { path: '^src/renderer' }, { path: '^src/(main|preload)/' }),
    no('renderer-no-node', { path: '^src/renderer' }, { dependencyTypes: ['core'] }),
    no(
      'features-are-strangers',
      { path: '^src/renderer/features/([^/]+)/' },
      { path: '^src/renderer/features/', pathNot: '^src/renderer/features/$1/' },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
