// Who may import whom; the table in ARCHITECTURE.md says why.
const no = (name, from, to) => ({ name, severity: 'error', from, to });
const pkg = (names) => `(^|node_modules/)(${names})(/|$)`; // resolved or not installed: both must match
const shells = '^src/main/(electron|headless|cli)/';
const core = '^src/main/core';

// Which room of the core may use which others. Each line only names rooms of the lines above it, so no arrow points up.
const rooms = {
  processes: [],
  files: ['processes'],
  http: ['processes'],
  settings: ['files', 'processes'],
  jobs: ['files'],
  signing: ['files', 'settings'],
  pages: ['processes'],
  engine: ['files', 'http', 'processes', 'signing'],
  weights: ['files', 'settings'],
  store: ['files', 'settings', 'weights'],
  sites: ['engine', 'files', 'http', 'settings', 'store'],
  hardware: ['engine', 'files', 'http', 'pages', 'processes', 'settings', 'signing', 'store'],
  // The one room that asks registries and hosts of the internet, for packing and pushing.
  remote: ['files', 'hardware', 'http', 'processes'],
  packages: ['hardware', 'processes', 'store'],
  catalog: ['hardware', 'settings'],
  estimate: ['catalog', 'hardware', 'settings', 'weights'],
  gitlab: ['catalog', 'files', 'http', 'settings', 'sites'],
  bundle: [
    ...['catalog', 'engine', 'files', 'gitlab', 'hardware', 'http', 'pages', 'processes', 'remote', 'settings'],
    ...['signing', 'weights'],
  ],
  import: [
    'bundle',
    'engine',
    'files',
    'hardware',
    'http',
    'processes',
    'settings',
    'signing',
    'sites',
    'store',
    'weights',
  ],
  push: ['bundle', 'files', 'http', 'import', 'processes', 'remote', 'store'],
  serving: ['catalog', 'engine', 'files', 'hardware', 'http', 'processes', 'settings', 'sites', 'store', 'weights'],
  kubernetes: ['catalog', 'files', 'gitlab', 'http', 'serving', 'settings', 'sites', 'store'],
  site: [
    ...['bundle', 'catalog', 'engine', 'files', 'gitlab', 'hardware', 'http', 'import', 'jobs', 'processes'],
    ...['serving', 'settings', 'signing', 'sites', 'store', 'weights'],
  ],
  probe: ['catalog', 'engine', 'files', 'gitlab', 'http', 'serving', 'settings', 'site', 'sites'],
  acceptance: ['files', 'http', 'probe', 'settings', 'site', 'sites', 'weights'],
  upgrade: ['catalog', 'files', 'gitlab', 'probe', 'site', 'sites', 'store'],
  wizard: ['catalog', 'files', 'jobs', 'settings', 'sites', 'store', 'weights'],
  media: ['bundle', 'files', 'hardware', 'jobs', 'processes', 'settings', 'wizard'],
  report: ['files', 'hardware', 'pages', 'settings', 'signing', 'site', 'sites', 'store', 'wizard'],
  rehearse: ['engine', 'files', 'jobs', 'processes', 'settings', 'signing', 'sites'],
  shell: [],
};
const order = Object.keys(rooms);
for (const [room, below] of Object.entries(rooms))
  for (const one of below)
    if (order.indexOf(one) < 0 || order.indexOf(one) >= order.indexOf(room))
      throw new Error(`.dependency-cruiser.cjs: ${room} may not use ${one}, which is not above it in the table`);

// `ports.ts`, `work.ts` and `area-handlers.ts` hold types only: every room may use them.
const roomRules = Object.entries(rooms).map(([room, below]) =>
  no(
    `room-${room}`,
    { path: `${core}/${room}/` },
    {
      path: `${core}/`,
      pathNot: [`${core}/(${[room, ...below].join('|')})/`, `${core}/(ports|work|area-handlers)[.]ts$`],
    },
  ),
);

module.exports = {
  forbidden: [
    no('no-cycles', {}, { circular: true }),
    { ...no('no-cycles-between-rooms', { path: core }, { circular: true }), scope: 'folder' },
    no('every-room-is-in-the-table', { path: `${core}/(?!(${order.join('|')})/)[^/]+/` }, {}),
    ...roomRules,
    no('no-unresolved', { path: '^src' }, { couldNotResolve: true }),
    no('tests-import-scenes-only', { path: '^test/' }, { path: '^test/(unit|integration|e2e)/' }),
    no('shared-is-pure', { path: '^src/shared' }, { pathNot: ['^src/shared', pkg('zod')] }),
    no(
      'shared-is-for-both-sides',
      { path: '^src/(renderer|preload)/' },
      { path: '^src/shared/', pathNot: '[.]d[.]ts$', reachable: false },
    ),
    no(
      'core-knows-no-shell',
      { path: '^src/main/(core|workers|stand-ins)' },
      { path: [shells, '^src/(preload|renderer)/', pkg('electron|react')] },
    ),
    no('workers-start-by-path', { path: '^src/main/core' }, { path: '^src/main/workers' }),
    no('stand-ins-stand-apart', { path: '^src/main/(core|cli|headless|electron)' }, { path: '^src/main/stand-ins' }),
    no('electron-only-in-its-shell', { pathNot: '^(src/(main/electron|preload)|test)/' }, { path: pkg('electron') }),
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
