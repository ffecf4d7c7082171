// Start-up time and sizes of the installed tree, against its own Node doing nothing: `npm run bench -- start --rounds 7`.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchOptions, type Contender, compare } from './measure.ts';

const { rounds } = benchOptions(process.argv.slice(2), { sizeBytes: 0, rounds: 7 });
/** No cold round begins later. */
const coldSeconds = 120;
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
  compareCold(contenders, tree);
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

/** In one process for all files: one for each file takes longer than what is measured. No root is needed for it. */
function forget(tree: string): void {
  const advise = process.arch === 'arm64' ? 223 : 221;
  const script = `while (<STDIN>) { chomp; open(F, "<", $_) and syscall(${advise}, fileno(F), 0, 0, 4) }`;
  execFileSync('sh', ['-c', `sync -f "$1"; find "$1" -type f | perl -e '${script}'`, 'sh', tree]);
}

/** Bytes of the tree's files that are in the page cache. */
function cachedBytes(tree: string): number {
  const list = 'find "$1" -type f -exec fincore --bytes --noheadings --output RES {} +';
  const said = execFileSync('sh', ['-c', list, 'sh', tree], { encoding: 'utf8' });
  return said.split('\n').reduce((sum, line) => sum + Number(line), 0);
}

function compareCold(warm: Contender[], tree: string): void {
  const title = 'The same, cold';
  try {
    const before = cachedBytes(tree);
    forget(tree);
    const kept = cachedBytes(tree) / before;
    if (kept > 0.1) {
      console.log(
        `${title}: not measured, ${Math.round(kept * 100)} % of the tree stay in the page cache of this system`,
      );
      return;
    }
    const cold = warm.map((one) => ({ ...one, prepare: () => forget(tree) }));
    compare(title, cold, rounds, 'the tree not in the page cache', coldSeconds);
  } catch (error) {
    console.log(`${title}: not measured. ${error instanceof Error ? error.message : error}`);
  }
}
