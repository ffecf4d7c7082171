// `npm run check`: types, import boundaries, lint and format, unused code. All run; the first failure makes the exit code.
import { spawnSync } from 'node:child_process';
import { install } from './prepare.mjs';

install();
const checks = [
  ['types', 'typescript/bin/tsc', ['-p', '.']],
  ['types of src/shared', 'typescript/bin/tsc', ['-p', 'src/shared']],
  ['types of src/main', 'typescript/bin/tsc', ['-p', 'src/main']],
  ['types of src/preload', 'typescript/bin/tsc', ['-p', 'src/preload']],
  ['types of src/renderer', 'typescript/bin/tsc', ['-p', 'src/renderer']],
  ['types of test', 'typescript/bin/tsc', ['-p', 'test']],
  ['import boundaries', 'dependency-cruiser/bin/dependency-cruise.mjs', ['src', '--config', '.dependency-cruiser.cjs']],
  ['lint and format', '@biomejs/biome/bin/biome', ['check', '.']],
  ['unused code', 'knip/bin/knip.js', []],
];
let failed = 0;
for (const [title, script, args] of checks) {
  const { status } = spawnSync(process.execPath, [`node_modules/${script}`, ...args], { stdio: 'inherit' });
  process.stderr.write(`${status === 0 ? '●' : '■'} ${title}\n`);
  if (status !== 0) failed += 1;
}
process.exit(failed === 0 ? 0 : 1);
