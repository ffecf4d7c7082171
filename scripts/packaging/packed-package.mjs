import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Returns a new folder inside `temporary` with the contents of an npm package, taken from npm's cache or the registry. Throws if its bytes
 * do not have the expected digest (`integrity`, as in the lock file), or if the registry does not have it.
 */
export function unpackedPackage(name, version, integrity, temporary) {
  const folder = mkdtempSync(join(temporary, 'package-'));
  const isWindows = process.platform === 'win32';
  const args = ['pack', `${name}@${version}`, '--silent', '--prefer-offline', '--pack-destination', folder];
  const packed = spawnSync(isWindows ? 'npm.cmd' : 'npm', args, { shell: isWindows, encoding: 'utf8' });
  const [file] = readdirSync(folder);
  if (packed.status !== 0 || file === undefined)
    throw new Error(`The npm registry did not provide ${name} ${version}. ${packed.stderr.trim()}`);
  const bytes = readFileSync(join(folder, file));
  const [algorithm] = integrity.split('-', 1);
  const found = `${algorithm}-${createHash(algorithm).update(bytes).digest('base64')}`;
  if (found !== integrity)
    throw new Error(`${name} ${version} is not the expected package: its digest is ${found}, not ${integrity}.`);
  const { status } = spawnSync('tar', ['-xzf', join(folder, file), '-C', folder], { stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`tar could not unpack ${name} ${version}.`);
  return join(folder, 'package');
}
