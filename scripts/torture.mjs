// `npm run torture -- [--minutes 10] [--seed N]`: installs and builds if something changed, then kills import, pack, deploy,
// upgrade, rollback and the parts of a site at random moments, and checks what is left: 50 kills of import and 20 of each other kind in any
// case, and more until the time is up. The seed is printed: it repeats the choices.
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build, install } from './prepare.mjs';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
  },
});
if (![values.minutes, values.seed].every((value) => Number(value) > 0)) {
  process.stderr.write('Usage: npm run torture -- [--minutes 10] [--seed N]\n');
  process.exit(2);
}
install();
build();
const { status } = spawnSync('npx', ['vitest', 'run', 'test/integration/torture.test.ts'], {
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  stdio: 'inherit',
  env: { ...process.env, SEALIFT_TORTURE_MINUTES: values.minutes, SEALIFT_TORTURE_SEED: values.seed },
});
process.exit(status ?? 4);
