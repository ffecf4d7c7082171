import { createHash } from 'node:crypto';
import { appendFileSync, closeSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { treePlace } from './desktop-files.mjs';
import { writeTree } from './write-tree.mjs';

const architectures = { x64: 'amd64', arm64: 'arm64' };
const place = 'usr/lib/sealift';
// Libraries that Electron loads at its start, some only once it runs, by their names before and after Debian's change of time_t.
const depends = JSON.parse(readFileSync(new URL('./window-libraries.json', import.meta.url), 'utf8'));

/** Returns the name of the Debian package. */
export function debName(version, cpu) {
  return `sealift_${version}_${architectures[cpu]}.deb`;
}

/**
 * Writes a Debian package of a desktop package's files, with a menu entry, an icon and file types. Its bytes depend on the files and
 * `epochSeconds` alone. It runs no scripts.
 */
export async function writeDeb(target, { root, files, version, cpu, description, epochSeconds, level }) {
  const installed = [...files.map((file) => inPlace(file)), ...desktopEntries(root), link()];
  const entries = [...installed, ...folders(installed)];
  const kib = Math.ceil(installed.reduce((sum, file) => sum + sizeOf(file), 0) / 1024);
  const controlFiles = [
    { path: 'control', bytes: Buffer.from(controlText({ version, cpu, description, kib })) },
    { path: 'md5sums', bytes: Buffer.from(md5sums(installed)) },
  ];
  writeFileSync(target, `!<arch>\n${arHeader('debian-binary', 4, epochSeconds)}2.0\n`);
  await addTree(target, 'control.tar.gz', controlFiles, epochSeconds);
  await addTree(target, 'data.tar.gz', entries, epochSeconds, level);
}

/** Adds a tree to an ar archive in one pass: its header, with the size, is written last. */
async function addTree(target, name, files, epochSeconds, level) {
  const { size } = statSync(target);
  appendFileSync(target, arHeader(name, 0, epochSeconds));
  const { sizeBytes } = await writeTree(target, files, epochSeconds, level);
  const open = openSync(target, 'r+');
  writeSync(open, arHeader(name, sizeBytes, epochSeconds), size);
  closeSync(open);
  if (sizeBytes % 2 === 1) appendFileSync(target, '\n');
}

/** Chromium's sandbox needs this right where users may not create namespaces, as with Ubuntu's AppArmor rule. */
function inPlace(file) {
  const isHelper = file.path === 'chrome-sandbox';
  return { ...file, path: `${place}/${file.path}`, ...(isHelper && { mode: 0o4755 }) };
}

function link() {
  return { path: 'usr/bin/sealift', link: `../lib/sealift/${treePlace}/bin/sealift` };
}

function desktopEntries(root) {
  const from = (name) => join(root, 'resources/desktop', name);
  return [
    { path: 'usr/share/applications/sealift.desktop', from: from('sealift.desktop') },
    { path: 'usr/share/mime/packages/sealift.xml', from: from('sealift.xml') },
    { path: 'usr/share/icons/hicolor/scalable/apps/sealift.svg', from: from('sealift.svg') },
    { path: 'usr/share/icons/hicolor/256x256/apps/sealift.png', from: from('sealift.png') },
    { path: 'usr/share/doc/sealift/copyright', from: join(root, 'LICENSE') },
  ];
}

function folders(files) {
  const found = new Set();
  for (const { path } of files)
    for (let end = path.indexOf('/'); end !== -1; end = path.indexOf('/', end + 1)) found.add(path.slice(0, end + 1));
  return [...found].map((path) => ({ path }));
}

function controlText({ version, cpu, description, kib }) {
  return `Package: sealift
Version: ${version}
Architecture: ${architectures[cpu]}
Maintainer: Sealift <sealift@localhost>
Installed-Size: ${kib}
Depends: ${depends.join(', ')}
Recommends: xdg-utils
Section: admin
Priority: optional
Description: ${description}
`;
}

function md5sums(files) {
  return files
    .filter((file) => file.link === undefined)
    .map((file) => `${createHash('md5').update(contentOf(file)).digest('hex')}  ${file.path}\n`)
    .sort()
    .join('');
}

function sizeOf(file) {
  return file.bytes?.length ?? (file.from === undefined ? 0 : statSync(file.from).size);
}

function contentOf(file) {
  return file.bytes ?? readFileSync(file.from);
}

/** The 60 bytes before a member of an ar archive. */
function arHeader(name, sizeBytes, epochSeconds) {
  const fields = [name.padEnd(16), String(epochSeconds).padEnd(12), '0'.padEnd(6), '0'.padEnd(6), '100644'.padEnd(8)];
  return `${fields.join('')}${String(sizeBytes).padEnd(10)}\`\n`;
}
