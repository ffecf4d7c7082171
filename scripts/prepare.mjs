import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const installedMark = join(root, 'node_modules', '.sealift-installed');
const builtMark = join(root, 'out', '.sealift-built');

/**
 * Installs the packages in the lock file, unless exactly those are already installed. Writes to stderr only.
 * Does not use `npm ci`, which rejects a lock file without the optional packages of other platforms; a registry may not have them.
 */
export function install() {
  const want = hashOf(['package.json', 'package-lock.json']);
  if (readMark(installedMark) === want) return;
  process.stderr.write('Installing packages (about 550 MB, a few minutes) …\n');
  run('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(installedMark, want);
}

/** Builds `out/`, unless it was built from exactly these sources. Writes to stderr only. */
export function build() {
  const sources = [
    'electron.vite.config.ts',
    'scripts/read-guide.ts',
    'tsconfig.base.json',
    'src',
    'resources/catalog',
    'docs/guide',
  ];
  const want = hashOf(['package.json', 'package-lock.json', ...sources]);
  if (readMark(builtMark) === want) return;
  process.stderr.write('Building …\n');
  run(process.execPath, [
    join(root, 'node_modules/electron-vite/bin/electron-vite.js'),
    'build',
    '--logLevel',
    'error',
  ]);
  writeFileSync(builtMark, want);
}

/** Runs a command in the project's root with its output on stderr; exits if it fails. */
export function run(command, args, options = {}) {
  const isWindowsNpm = process.platform === 'win32' && command === 'npm';
  const { status, error } = spawnSync(isWindowsNpm ? 'npm.cmd' : command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: isWindowsNpm,
    ...options,
  });
  if (error) process.stderr.write(`${error.message}\n`);
  if (status !== 0) {
    process.stderr.write(`${command} ${args.join(' ')} failed.\n`);
    process.exit(status ?? 4);
  }
}

function readMark(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

function hashOf(places) {
  const hash = createHash('sha256').update(process.version);
  for (const place of places) addTo(hash, place);
  return hash.digest('hex');
}

function addTo(hash, place) {
  const path = join(root, place);
  if (!existsSync(path)) return;
  if (!statSync(path).isDirectory()) {
    hash.update(`${place}\0`).update(readFileSync(path)).update('\0');
    return;
  }
  for (const name of readdirSync(path).sort()) addTo(hash, join(place, name));
}
