import { lstatSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { packager } from '@electron/packager';
import { setFuses } from './set-fuses.mjs';

/** The folder of the tree in a desktop package. Its `lib/package.json` names the window's program, seen from there. */
export const treePlace = 'resources/sealift';

/** Returns the name of the window's program. */
export function windowProgram(system) {
  return system === 'win32' ? 'Sealift.exe' : 'sealift-window';
}

/**
 * Returns the files of a desktop package: Electron with the window's code in `app.asar` and fuses set, and a platform's tree.
 * `windowFolder` holds the window's code, `temporary` is a folder for what is unpacked.
 */
export async function desktopFiles({ root, zip, tree, version, windowFolder, temporary, forTests }) {
  const program = windowProgram(zip.system);
  const [folder] = await packager({
    dir: windowFolder,
    name: 'Sealift',
    executableName: program.replace('.exe', ''),
    appVersion: version,
    platform: zip.system,
    arch: zip.cpu,
    electronVersion: zip.version,
    electronZipDir: join(zip.file, '..'),
    asar: true,
    prune: false,
    quiet: true,
    icon: join(root, 'resources/desktop/sealift'),
    win32metadata: { CompanyName: 'Sealift', FileDescription: 'Sealift', ProductName: 'Sealift' },
    tmpdir: temporary,
    out: join(temporary, 'desktop'),
    overwrite: true,
  });
  const fuses = await setFuses(join(folder, program), forTests);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => electronFile(folder, join(entry.parentPath, entry.name)));
  return { fuses, files: [...files, ...tree.map((file) => ({ ...file, path: `${treePlace}/${file.path}` }))] };
}

function electronFile(folder, from) {
  const status = lstatSync(from);
  if (!status.isFile()) throw new Error(`${from} is not a plain file.`);
  const path = relative(folder, from).split(sep).join('/');
  return { path, from, isExecutable: (status.mode & 0o111) !== 0 };
}
