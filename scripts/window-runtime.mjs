import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const executables = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' };

/**
 * The executable of the Electron that shows the window, or in words what is missing. Looks at files only: the package itself, once it is
 * loaded, begins to download. `environment` and `machine` are given by tests.
 */
export function windowRuntime(environment = process.env, machine = thisMachine()) {
  const { platform, isRoot, packageFolder } = machine;
  if (platform === 'linux' && !environment.DISPLAY && !environment.WAYLAND_DISPLAY)
    return { problem: 'There is no display here' };
  if (packageFolder === undefined) return { problem: 'There is no Electron here' };
  const folder = environment.ELECTRON_OVERRIDE_DIST_PATH || join(packageFolder, 'dist');
  const executable = join(folder, readText(join(packageFolder, 'path.txt')) || executables[platform] || 'electron');
  if (!existsSync(executable))
    return { problem: 'There is no Electron runtime here (npx install-electron fetches it)' };
  const there = readText(join(folder, 'version')).replace(/^v/, '');
  const wanted = JSON.parse(readText(join(packageFolder, 'package.json'))).version;
  if (there !== wanted) return { problem: `The Electron runtime here is ${there || 'of no version'}, not ${wanted}` };
  if (platform === 'linux' && isRoot) return { problem: "The window's sandbox does not work for root" };
  return { executable };
}

function thisMachine() {
  let packageFolder;
  try {
    packageFolder = dirname(createRequire(import.meta.url).resolve('electron/package.json'));
  } catch {
    // Not installed.
  }
  return { platform: process.platform, isRoot: process.getuid?.() === 0, packageFolder };
}

function readText(path) {
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : '';
}
