// `npm run check`: types, import rules, lint and format, unused code. `npm run typecheck` and `npm run lint` run one part each.
// Runs every part; exits with 1 if any fails.
import { spawn } from 'node:child_process';
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
const waiting = checks.filter(([part]) => only === undefined || part === only);
let failed = 0;
// Two at a time: most of them use one core.
await Promise.all([runNext(), runNext()]);
process.exit(failed === 0 ? 0 : 1);

async function runNext() {
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const [, title, script, args] = next;
    const { code, output } = await runTool([`node_modules/${script}`, ...args]);
    process.stderr.write(`${output}${code === 0 ? '●' : '■'} ${title}\n`);
    if (code !== 0) failed += 1;
  }
}

/** Runs a script of a package and keeps its output together. */
function runTool(args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    child.once('error', reject).once('close', (code) => resolve({ code, output }));
  });
}
