// `npm test [-- vitest arguments]`: installs and builds if something changed, then runs all tests that this machine can run.
import { spawnSync } from 'node:child_process';
import { build, install } from './prepare.mjs';

install();
build();
const { status } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exit(status ?? 4);
