// `npm run package [-- --platform linux-x64|linux-arm64|win-x64 …] [--to FOLDER] [--without-engine]`: makes the packages that bring
// Sealift to a machine without Node and network, with SHA256SUMS, a bill of materials each, and the installer. Default: linux-x64 to out/packages.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { glibcNeed } from './packaging/libc-needs.mjs';
import { sbom } from './packaging/sbom.mjs';
import { platforms, treeFiles } from './packaging/tree-files.mjs';
import { writeTree } from './packaging/write-tree.mjs';
import { build, install } from './prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const options = readOptions();
install();
build();
const epochSeconds = commitTime();
const temporary = mkdtempSync(join(tmpdir(), 'sealift-package-'));
const folder = resolve(options.to);
const part = `${folder}.part`;
try {
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  const lines = [];
  for (const platform of options.platform) lines.push(await packagePlatform(platform));
  writeFileSync(join(part, 'PACKAGES'), `${lines.join('\n')}\n`);
  copyFileSync(join(root, 'scripts/packaging/install.sh'), join(part, 'install.sh'));
  writeFileSync(join(part, 'SHA256SUMS'), sums(part));
  rmSync(folder, { recursive: true, force: true });
  renameSync(part, folder);
  process.stderr.write(`● ${folder}\n`);
} catch (error) {
  rmSync(part, { recursive: true, force: true });
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 4;
} finally {
  rmSync(temporary, { recursive: true, force: true });
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        platform: { type: 'string', multiple: true, default: ['linux-x64'] },
        to: { type: 'string', default: join(root, 'out/packages') },
        'without-engine': { type: 'boolean', default: false },
      },
    });
    const unknown = values.platform.find((one) => !platforms.includes(one));
    if (unknown === undefined) return values;
    throw new Error(`Unknown platform ${unknown}: use ${platforms.join(', ')}.`);
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
}

/** Writes a platform's tree and bill of materials; returns its line of PACKAGES, which the installer reads. */
async function packagePlatform(platform) {
  const withoutEngine = options['without-engine'];
  const { version, node, packages, files } = treeFiles({ root, platform, temporary, withoutEngine });
  const name = `sealift-${version}-${platform}`;
  const inside = files.map((file) => ({ ...file, path: `${name}/${file.path}` }));
  const { sizeBytes } = await writeTree(join(part, `${name}.tar.gz`), inside, epochSeconds);
  writeFileSync(join(part, `${name}.spdx.json`), sbom({ name, version, license: 'MIT', node, packages, epochSeconds }));
  const isHere = platform === `${process.platform}-${process.arch}`;
  const notes = [isHere ? '' : ' · not run here', withoutEngine ? ' · without the embedded engine' : ''];
  process.stderr.write(`● ${name}.tar.gz, ${(sizeBytes / 1e6).toFixed(1)} MB${notes.join('')}\n`);
  const ofSystem = (pattern) => glibcNeed(files.filter(({ path }) => pattern.test(path)).map(({ from }) => from));
  const kib = Math.ceil(
    files.reduce((sum, file) => sum + (file.bytes?.length ?? statSync(file.from).size) + 4096, 0) / 1024,
  );
  return [
    platform,
    version,
    `${name}.tar.gz`,
    ofSystem(/^bin\/node$/),
    ofSystem(/@node-llama-cpp\/linux-.*[.](so|node)$/),
    kib,
  ].join(' ');
}

function sums(from) {
  return readdirSync(from)
    .sort()
    .map(
      (file) =>
        `${createHash('sha256')
          .update(readFileSync(join(from, file)))
          .digest('hex')}  ${file}\n`,
    )
    .join('');
}

/** The time in all archives: SOURCE_DATE_EPOCH, otherwise that of the commit. */
function commitTime() {
  const given =
    process.env.SOURCE_DATE_EPOCH ??
    execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8' });
  if (!/^\d+\s*$/.test(given)) throw new Error(`SOURCE_DATE_EPOCH is "${given}": use seconds since 1970.`);
  return Number(given);
}
