import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packaging = fileURLToPath(new URL('../../scripts/packaging', import.meta.url));
const platform = process.arch === 'arm64' ? 'linux-arm64' : 'linux-x64';

/** The shells that the installer must work in. */
export const shells: string[][] = [['sh'], ['busybox', 'sh']];

const completions = ['bash', 'zsh', 'fish'];

/** What a package for tests can have: another line in PACKAGES, another program instead of Node. */
export interface SmallPackage {
  version: string;
  platform?: string;
  libc?: string;
  node?: string | Buffer;
}

/**
 * Makes a folder as `npm run package` does, with the real installer and launcher. Instead of Node, a script prints the version, or with
 * the argument `wait` runs until it is killed.
 */
export function makeSmallPackage(folder: string, facts: SmallPackage): void {
  const { version, libc = '2.17' } = facts;
  const name = `sealift-${version}-${facts.platform ?? platform}`;
  const tree = join(folder, name);
  mkdirSync(join(tree, 'bin'), { recursive: true });
  mkdirSync(join(tree, 'lib/completion'), { recursive: true });
  for (const one of completions) writeFileSync(join(tree, 'lib/completion', one), `# ${one} ${version}\n`);
  copyFileSync(join(packaging, 'sealift.sh'), join(tree, 'bin/sealift'));
  writeFileSync(join(tree, 'bin/node'), facts.node ?? `#!/bin/sh\necho ${version}\n`);
  for (const file of ['sealift', 'node']) chmodSync(join(tree, 'bin', file), 0o755);
  copyFileSync(join(packaging, 'install.sh'), join(tree, 'lib/install.sh'));
  copyFileSync(join(packaging, 'install.sh'), join(folder, 'install.sh'));
  execFileSync('tar', ['-czf', join(folder, `${name}.tar.gz`), '-C', folder, name]);
  rmSync(tree, { recursive: true });
  const line = [facts.platform ?? platform, version, `${name}.tar.gz`, libc, libc, 100].join(' ');
  writeFileSync(join(folder, 'PACKAGES'), `${line}\n`);
  writeSums(folder);
}

/** Writes SHA256SUMS for all files of a folder of packages. */
export function writeSums(folder: string): void {
  const lines = readdirSync(folder)
    .filter((file) => !file.startsWith('SHA256SUMS'))
    .map(
      (file) =>
        `${createHash('sha256')
          .update(readFileSync(join(folder, file)))
          .digest('hex')}  ${file}\n`,
    );
  writeFileSync(join(folder, 'SHA256SUMS'), lines.join(''));
}

/** Runs a command with a home folder of its own, and returns its exit code and all that it printed. */
export function runIn(
  home: string,
  command: string[],
  env: NodeJS.ProcessEnv = {},
): { code: number | null; text: string } {
  const [program = '', ...args] = command;
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: '/',
    env: { PATH: process.env.PATH, HOME: home, ...env },
    encoding: 'utf8',
  });
  return { code: status, text: stdout + stderr };
}
