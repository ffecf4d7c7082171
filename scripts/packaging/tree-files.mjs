import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { enginePackage, lockedPackages, nameAt } from './locked-packages.mjs';
import { nodeRuntime } from './node-runtime.mjs';
import { unpackedPackage } from './packed-package.mjs';
import { programPlatform } from './program-platform.mjs';

/** The source of llama.cpp in node-llama-cpp: nothing is compiled on the machine. Types and source maps help only who develops. */
const leftOut = /[.]map$|[.]d[.][mc]?ts$|^node_modules\/node-llama-cpp\/llama\/gitRelease[.]bundle$/;

/**
 * Returns the files of a platform's tree, each with its path inside the tree. `nodes` are archives of Node, unpacked in `temporary` (see
 * `nodeRuntime`). With `withoutEngine`, the native llama.cpp may be missing. Throws for a package that is neither installed nor available,
 * and for a program of another platform.
 */
export function treeFiles({ root, platform, temporary, withoutEngine, nodes = [] }) {
  const lock = readJson(join(root, 'package-lock.json'));
  const { name, version, description, license, type, dependencies } = readJson(join(root, 'package.json'));
  const engine = enginePackage(platform);
  const withEngine = (names) => (withoutEngine ? names : [...names, engine]);
  const all = lockedPackages(lock, withEngine(Object.keys(dependencies)), platform);
  const imported = importedNames(join(root, 'out/main'));
  const outside = Object.keys(dependencies).filter((one) => imported.has(one));
  const atRunTime = lockedPackages(lock, withEngine(outside), platform);
  const node = nodeRuntime(platform, nodes, temporary);
  const own = { name, version, description, license, type, private: true };
  const bundled = [...all.keys()].filter((place) => !atRunTime.has(place));
  const files = [
    ...launchers(root, platform),
    {
      path: platform === 'win-x64' ? 'bin/node.exe' : 'bin/node',
      from: node.program,
      isExecutable: true,
    },
    ...completions(root, platform),
    { path: 'lib/install.sh', from: join(root, 'scripts/packaging/install.sh') },
    { path: 'LICENSE', from: join(root, 'LICENSE') },
    { path: 'LICENSE.node', from: node.licence },
    { path: 'NOTICES.txt', bytes: Buffer.from(notices(root, bundled)) },
    { path: 'lib/package.json', bytes: Buffer.from(`${JSON.stringify(own, undefined, 2)}\n`) },
    ...['launch.mjs', 'window-runtime.mjs'].map((file) => ({
      path: `lib/scripts/${file}`,
      from: join(root, 'scripts', file),
    })),
    ...['main', 'renderer'].flatMap((part) => filesBelow(root, `out/${part}`)),
    ...['catalog', 'examples', 'schemas'].flatMap((part) => filesBelow(root, `resources/${part}`)),
    ...[...atRunTime].flatMap(([place, entry]) => packageFiles(root, place, entry)),
  ];
  const packages = [...all].map(([place, entry]) => {
    return { ...entry, place, name: entry.name ?? nameAt(place), license: entry.license ?? oldLicence(root, place) };
  });
  checkPrograms(files, platform);
  return { version, description, node, packages, files };
}

/** A tree for another machine can't be run here, so that nothing else would notice a program that is not for it. */
function checkPrograms(files, platform) {
  for (const { path, from } of files) {
    const found = from === undefined ? undefined : programPlatform(from);
    if (found !== undefined && found !== platform)
      throw new Error(`${path} is a program for ${found}, not for ${platform}.`);
  }
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function launchers(root, platform) {
  const from = (file) => join(root, 'scripts/packaging', file);
  if (platform === 'win-x64') {
    // With the line ends of Windows, whatever those of the checkout are.
    const script = readFileSync(from('sealift.cmd'), 'utf8').replace(/\r?\n/g, '\r\n');
    return [{ path: 'bin/sealift.cmd', bytes: Buffer.from(script) }];
  }
  return [{ path: 'bin/sealift', from: from('sealift.sh'), isExecutable: true }];
}

/** The scripts of the built command line that complete its commands in a shell. */
function completions(root, platform) {
  if (platform === 'win-x64') return [];
  return ['bash', 'zsh', 'fish'].map((shell) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [
      join(root, 'out/main/cli.js'),
      'completion',
      shell,
    ]);
    if (status !== 0) throw new Error(`The built sealift printed no completion for ${shell}. ${stderr}`);
    return { path: `lib/completion/${shell}`, bytes: stdout };
  });
}

/** The licence in the form that package.json had before `license`, which npm does not copy into the lock file. */
function oldLicence(root, place) {
  return readJson(join(root, place, 'package.json')).licenses?.[0]?.type;
}

/** What the built code imports by name: packages that did not become part of the build. */
function importedNames(folder) {
  const names = new Set();
  for (const file of readdirSync(folder, { recursive: true }).filter((one) => one.endsWith('.js')))
    for (const [, name, dynamic] of readFileSync(join(folder, file), 'utf8').matchAll(
      /^import .*? from "([^".][^"]*)"|\bimport\("([^".][^"]*)"\)/gm,
    ))
      names.add(name ?? dynamic);
  return names;
}

/** The files of one package, without the packages inside it. One for another machine is fetched, and checked against the lock file. */
function packageFiles(root, place, entry) {
  const installed = join(root, place);
  const folder = existsSync(join(installed, 'package.json'))
    ? installed
    : unpackedPackage(entry.name ?? nameAt(place), entry.version, entry.integrity);
  return filesIn(folder, place);
}

function filesBelow(root, folder) {
  return filesIn(join(root, folder), folder);
}

function filesIn(folder, place) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const from = join(folder, entry.name);
    const inside = `${place}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesIn(from, inside);
    if (!entry.isFile()) throw new Error(`${from} is not a plain file.`);
    return leftOut.test(inside) ? [] : [{ path: `lib/${inside}`, from }];
  });
}

/** The licences of the packages that became part of the build, which keep no folder of their own. */
function notices(root, places) {
  return places
    .map((place) => {
      const { name, version, license } = readJson(join(root, place, 'package.json'));
      const file = readdirSync(join(root, place)).find((one) => /^(licen[cs]e|copying)([.]|$)/i.test(one));
      const text =
        file === undefined ? 'Its package has no licence text.' : readFileSync(join(root, place, file), 'utf8').trim();
      return `${name} ${version} (${license ?? 'licence not stated'})\n\n${text}\n`;
    })
    .join(`\n${'-'.repeat(78)}\n\n`);
}
