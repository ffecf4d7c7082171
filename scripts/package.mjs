// `npm run package [-- --platform linux-x64|linux-arm64|win-x64|darwin-arm64|darwin-x64 …] [--node FILE …] [--to FOLDER] [--without-engine PLATFORM …] [--electron-zip FILE … | --fetch-electron]`:
// makes the packages that bring Sealift to a machine without Node and network, with SHA256SUMS, a bill of materials each, and the
// installer. Default: linux-x64 to out/packages. For macOS, Node is given as an archive of nodejs.org. With Electron, also the packages with a window.
// `--window-for-tests FOLDER`: with another version of Electron and the window's code for it. Never ship those.
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
import { checkedElectronZip, fetchElectronZip } from './packaging/electron-zip.mjs';
import { glibcNeed } from './packaging/libc-needs.mjs';
import { platforms } from './packaging/node-runtime.mjs';
import { sbom } from './packaging/sbom.mjs';
import { treeFiles } from './packaging/tree-files.mjs';
import { writeDesktop } from './packaging/write-desktop.mjs';
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
  const zips = await electronZips();
  const lines = [];
  for (const platform of new Set([...options.platform, ...zips.map((zip) => zip.platform)]))
    lines.push(await packagePlatform(platform, zips));
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
        node: { type: 'string', multiple: true, default: [] },
        'without-engine': { type: 'string', multiple: true, default: [] },
        'electron-zip': { type: 'string', multiple: true, default: [] },
        'fetch-electron': { type: 'boolean', default: false },
        'window-for-tests': { type: 'string' },
      },
    });
    const named = [...values.platform, ...values['without-engine']];
    const unknown = named.find((one) => !platforms.includes(one));
    if (unknown === undefined) return values;
    throw new Error(`Unknown platform ${unknown}: use ${platforms.join(', ')}.`);
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
}

/** The checked runtimes of the window: those given, and those that are to be fetched. */
async function electronZips() {
  const fetched = options['fetch-electron'] ? await Promise.all(options.platform.map(fetchElectronZip)) : [];
  const testWindow = options['window-for-tests'];
  const zips = [...options['electron-zip'], ...fetched].map((file) =>
    checkedElectronZip(resolve(file), testWindow !== undefined),
  );
  for (const { version } of testWindow === undefined ? [] : zips)
    process.stderr.write(`▲ FOR TESTS ONLY: these desktop packages have Electron ${version}. Do not ship them.\n`);
  return zips;
}

/** Writes a platform's packages and bills of materials; returns its line of PACKAGES, which the installer reads. */
async function packagePlatform(platform, zips) {
  const withoutEngine = options['without-engine'].includes(platform);
  const tree = treeFiles({ root, platform, temporary, withoutEngine, nodes: options.node });
  const { version, node, packages, files } = tree;
  const name = `sealift-${version}-${platform}`;
  const inside = files.map((file) => ({ ...file, path: `${name}/${file.path}` }));
  const level = options['window-for-tests'] === undefined ? undefined : 1;
  const { sizeBytes } = await writeTree(join(part, `${name}.tar.gz`), inside, epochSeconds, level);
  writeFileSync(join(part, `${name}.spdx.json`), sbom({ name, version, license: 'MIT', node, packages, epochSeconds }));
  const isHere = platform === `${process.platform}-${process.arch}`;
  const notes = [isHere ? '' : ' · not run here', withoutEngine ? ' · without the embedded engine' : ''];
  process.stderr.write(`● ${name}.tar.gz, ${(sizeBytes / 1e6).toFixed(1)} MB${notes.join('')}\n`);
  for (const zip of zips.filter((one) => one.platform === platform)) await packageDesktop(zip, tree);
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

async function packageDesktop(zip, tree) {
  const testWindow = options['window-for-tests'];
  const { name, bill, fuses, made } = await writeDesktop({
    ...{ root, to: part, zip, tree, epochSeconds, temporary },
    ...(testWindow !== undefined && { testWindow: resolve(testWindow) }),
  });
  writeFileSync(join(part, `${name}.spdx.json`), bill);
  const said = Object.entries(fuses).map(([fuse, isOn]) => `${fuse} ${isOn ? 'on' : 'off'}`);
  process.stderr.write(`● ${made.join(', ')}: Electron ${zip.version}, fuses read back: ${said.join(', ')}\n`);
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
