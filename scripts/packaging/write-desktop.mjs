import { join } from 'node:path';
import { desktopFiles, windowProgram } from './desktop-files.mjs';
import { sbom } from './sbom.mjs';
import { windowFiles } from './window-files.mjs';
import { debName, writeDeb } from './write-deb.mjs';
import { writeTree } from './write-tree.mjs';
import { writeZip } from './write-zip.mjs';

/**
 * Makes the desktop packages of one platform in `to`: for Linux a folder as tar.gz and a .deb, for Windows a zip; each holds the tree that
 * `treeFiles` returned. With `testWindow`, a folder with the window's code for another Electron, they are named as made for tests. Returns
 * the contents of their bill of materials and their file names.
 */
export async function writeDesktop({ root, to, zip, tree, testWindow, epochSeconds, temporary }) {
  const { version, node, packages, description } = tree;
  const forTests = testWindow !== undefined;
  const prefix = forTests ? 'for-tests-only-' : '';
  const name = `${prefix}sealift-desktop-${version}-${zip.platform}`;
  const { files, fuses } = await desktopFiles({
    ...{ root, zip, version, temporary, forTests },
    tree: withWindow(tree.files, windowProgram(zip.system)),
    windowFolder: testWindow ?? windowFiles({ root, version, temporary }),
  });
  const bill = sbom({ name, version, license: 'MIT', node, electron: zip, packages, epochSeconds });
  if (zip.system === 'win32') {
    await writeZip(join(to, `${name}.zip`), inFolder(name, files), epochSeconds);
    return { name, bill, fuses, made: [`${name}.zip`] };
  }
  // Compressing takes most of the time.
  const level = forTests ? 1 : 6;
  const deb = `${prefix}${debName(version, zip.cpu)}`;
  const debian = { root, files, version, cpu: zip.cpu, description, epochSeconds, level };
  await Promise.all([
    writeTree(join(to, `${name}.tar.gz`), inFolder(name, files), epochSeconds, level),
    writeDeb(join(to, deb), debian),
  ]);
  return { name, bill, fuses, made: [`${name}.tar.gz`, deb] };
}

/** The launcher finds the window's program by the tree's package.json. */
function withWindow(files, program) {
  return files.map((file) => {
    if (file.path !== 'lib/package.json') return file;
    const own = { ...JSON.parse(String(file.bytes)), window: `../../../${program}` };
    return { ...file, bytes: Buffer.from(`${JSON.stringify(own, undefined, 2)}\n`) };
  });
}

function inFolder(name, files) {
  return files.map((file) => ({ ...file, path: `${name}/${file.path}` }));
}
