import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Beside the installed packages: unpacking one takes as long as compressing it. */
const kept = fileURLToPath(new URL('../../node_modules/.cache/sealift-packages', import.meta.url));

/**
 * Returns a folder with the contents of an npm package, taken from npm's cache or the registry, and kept for the next time. Throws if its
 * bytes do not have the expected digest (`integrity`, as in the lock file), or if the registry does not have it.
 */
export function unpackedPackage(name, version, integrity) {
  const place = join(kept, createHash('sha256').update(integrity).digest('hex'));
  if (existsSync(place)) return join(place, 'package');
  mkdirSync(kept, { recursive: true });
  const part = mkdtempSync(join(kept, 'part-'));
  try {
    unpack(name, version, integrity, part);
    renameSync(part, place);
  } catch (error) {
    // Another run may have been faster.
    if (!existsSync(place)) throw error;
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
  return join(place, 'package');
}

function unpack(name, version, integrity, folder) {
  const isWindows = process.platform === 'win32';
  const args = ['pack', `${name}@${version}`, '--silent', '--prefer-offline', '--pack-destination', folder];
  const packed = spawnSync(isWindows ? 'npm.cmd' : 'npm', args, { shell: isWindows, encoding: 'utf8' });
  const [file] = readdirSync(folder);
  if (packed.status !== 0 || file === undefined)
    throw new Error(`The npm registry did not provide ${name} ${version}. ${packed.stderr.trim()}`);
  const archive = join(folder, file);
  const [algorithm] = integrity.split('-', 1);
  const found = `${algorithm}-${createHash(algorithm).update(readFileSync(archive)).digest('base64')}`;
  if (found !== integrity)
    throw new Error(`${name} ${version} is not the expected package: its digest is ${found}, not ${integrity}.`);
  const { status } = spawnSync('tar', ['-xzf', archive, '-C', folder], { stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`tar could not unpack ${name} ${version}.`);
  rmSync(archive);
}
