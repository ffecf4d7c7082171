import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const script = (name: string) => new URL(`../../scripts/packaging/${name}`, import.meta.url).href;
/** Where Electron keeps its fuses, all off: the mark, the version of the wire, its length, and one digit for each fuse. */
const wire = Buffer.concat([
  Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'),
  Buffer.from([1, 9]),
  Buffer.from('000000000'),
]);
const english = { lang: 1033, codepage: 1200 };

/**
 * Writes a zip that has the form of a release of Electron, and no program that could run: of Windows for x64, or of Linux for arm64.
 * Returns its path.
 */
export async function zipStandInElectron(folder: string, system: 'win32-x64' | 'linux-arm64'): Promise<string> {
  const from = join(folder, system);
  mkdirSync(join(from, 'locales'), { recursive: true });
  for (const name of ['LICENSE', 'LICENSES.chromium.html', 'locales/en-US.pak', 'icudtl.dat'])
    writeFileSync(join(from, name), name);
  writeFileSync(join(from, 'version'), '44.0.0');
  const isWindows = system === 'win32-x64';
  const program = isWindows ? 'electron.exe' : 'electron';
  writeFileSync(join(from, program), isWindows ? await windowsProgram() : armProgram());
  if (!isWindows) writeFileSync(join(from, 'chrome-sandbox'), armProgram());
  const programs = isWindows ? [program] : [program, 'chrome-sandbox'];
  const names = ['LICENSE', 'LICENSES.chromium.html', 'locales/en-US.pak', 'icudtl.dat', 'version', ...programs];
  const { writeZip } = (await import(/* @vite-ignore */ script('write-zip.mjs'))) as {
    writeZip(target: string, files: object[], epochSeconds: number): Promise<void>;
  };
  const zip = join(folder, `electron-v44.0.0-${system}.zip`);
  const files = names.map((path) => ({ path, from: join(from, path), isExecutable: programs.includes(path) }));
  await writeZip(zip, files, 1);
  return zip;
}

/** A PE file for x64 with an icon and a version, as Electron's has them. */
async function windowsProgram(): Promise<Buffer> {
  const library = pathToFileURL(resolve('node_modules/resedit/dist/index.js')).href;
  const { NtExecutable, NtExecutableResource, Resource, Data } = await import(/* @vite-ignore */ library);
  const exe = NtExecutable.createEmpty(false, false);
  const data = new Uint8Array(512);
  data.set(wire);
  const info = {
    name: '.rdata',
    virtualSize: 512,
    virtualAddress: 0x1000,
    sizeOfRawData: 512,
    characteristics: 0x40000040,
  };
  exe.setSectionByEntry(6, { info, data: data.buffer });
  const resources = NtExecutableResource.from(exe, true);
  const icons = Data.IconFile.from(readFileSync('resources/desktop/sealift.ico')).icons.map(
    (one: { data: object }) => one.data,
  );
  Resource.IconGroupEntry.replaceIconsForResource(resources.entries, 1, english.lang, icons);
  const version = Resource.VersionInfo.createEmpty();
  version.lang = english.lang;
  version.setStringValues(english, { ProductName: 'Electron' });
  version.outputToResourceEntries(resources.entries);
  resources.outputResource(exe);
  return Buffer.from(exe.generate());
}

/** The header of an ELF file for arm64, and the fuses. */
function armProgram(): Buffer {
  const header = Buffer.alloc(64);
  header.write('\x7fELF\x02\x01\x01', 'latin1');
  header.writeUInt16LE(2, 16);
  header.writeUInt16LE(0xb7, 18);
  return Buffer.concat([header, wire]);
}
