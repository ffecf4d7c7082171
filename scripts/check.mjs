// `npm run check`: types, import rules, lint and format, unused code. `npm run typecheck` and `npm run lint` run one part each.
// Runs every part; exits with 1 if any fails.
import { spawnSync } from 'node:child_process';
import { install } from './prepare.mjs';

install();
const typescript = 'typescript/bin/tsc';
const checks = [
  ['types', 'types', typescript, ['-p', '.']],
  ['types', 'types of src/shared', typescript, ['-p', 'src/shared']],
  ['types', 'types of src/main', typescript, ['-p', 'src/main']],
  ['types', 'types of src/preload', typescript, ['-p', 'src/preload']],
  ['types', 'types of src/renderer', typescript, ['-p', 'src/renderer']],
  ['types', 'types of test', typescript, ['-p', 'test']],
  [
    'lint',
    'import rules',
    'dependency-cruiser/bin/dependency-cruise.mjs',
    ['src', 'test', '--config', '.dependency-cruiser.cjs'],
  ],
  ['lint', 'lint and format', '@biomejs/biome/bin/biome', ['check', '.']],
  ['lint', 'unused code', 'knip/bin/knip.js', []],
  ['lint', 'code that only tests use', 'knip/bin/knip.js', ['--production']],
];
const [only] = process.argv.slice(2);
let failed = 0;
for (const [part, title, script, args] of checks) {
  if (only !== undefined && only !== part) continue;
  const { status } = spawnSync(process.execPath, [`node_modules/${script}`, ...args], { stdio: 'inherit' });
  process.stderr.write(`${status === 0 ? '●' : '■'} ${title}\n`);
  if (status !== 0) failed += 1;
}
process.exit(failed === 0 ? 0 : 1);
