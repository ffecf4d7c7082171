// Start-up time and sizes of the installed tree, against its own Node doing nothing: `npm run bench -- start --rounds 7`.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchOptions, compare } from './measure.ts';

const { rounds } = benchOptions(process.argv.slice(2), { sizeBytes: 0, rounds: 7 });
const folder = mkdtempSync(join(tmpdir(), 'sealift-bench-'));
const packages = join(folder, 'packages');
const home = join(folder, 'home');

try {
  execFileSync(process.execPath, ['scripts/package.mjs', '--to', packages], { stdio: ['ignore', 'ignore', 'inherit'] });
  mkdirSync(home);
  const env = { HOME: home, PATH: process.env.PATH ?? '' };
  execFileSync('sh', [join(packages, 'install.sh'), '--for-me'], { env, stdio: 'ignore' });
  const trees = join(home, '.local/lib/sealift');
  const tree = join(trees, readdirSync(trees).find((name) => /^\d/.test(name)) ?? '');
  printSizes(tree);
  const contenders = [
    { name: 'its Node, doing nothing', script: '"$TREE/bin/node" -e 0' },
    { name: 'sealift --version', script: '"$TREE/bin/sealift" --version' },
    { name: 'sealift help import', script: '"$TREE/bin/sealift" help import' },
    { name: 'sealift status', script: '"$TREE/bin/sealift" status' },
    { name: 'sealift models', script: '"$TREE/bin/sealift" models' },
  ].map((one) => ({ ...one, env: { HOME: home, TREE: tree } }));
  compare('Start of the installed tree', contenders, rounds);
  // Asks the kernel to forget the tree's pages; no root is needed for that.
  const forget = `sync -f '${tree}'; find '${tree}' -type f -exec dd if={} iflag=nocache count=0 status=none ';'`;
  const prepare = () => void execFileSync('sh', ['-c', forget]);
  const cold = contenders.map((one) => ({ ...one, prepare }));
  compare('The same, cold', cold, rounds, 'the tree not in the page cache');
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function printSizes(tree: string): void {
  const archive = readdirSync(packages).find((name) => name.endsWith('.tar.gz')) ?? '';
  const [kib = '0'] = execFileSync('du', ['-sk', tree], { encoding: 'utf8' }).split('\t');
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
  console.log(`${archive}: ${megabytes(statSync(join(packages, archive)).size)}`);
  console.log(`installed: ${megabytes(Number(kib) * 1024)}\n`);
}
