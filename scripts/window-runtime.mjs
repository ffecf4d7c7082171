import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const executables = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' };

/**
 * Returns the Electron executable that shows the window, or what is missing. Only looks at files, because loading the package starts a
 * download. Tests pass `environment` and `machine`.
 */
export function windowRuntime(environment = process.env, machine = thisMachine()) {
  const { platform, isRoot, packageFolder } = machine;
  if (platform === 'linux' && !environment.DISPLAY && !environment.WAYLAND_DISPLAY)
    return { problem: 'No display is available' };
  if (packageFolder === undefined) return { problem: 'Electron is not installed' };
  const folder = environment.ELECTRON_OVERRIDE_DIST_PATH || join(packageFolder, 'dist');
  const executable = join(folder, readText(join(packageFolder, 'path.txt')) || executables[platform] || 'electron');
  if (!existsSync(executable))
    return { problem: 'The Electron runtime is not installed (to download it: npx install-electron)' };
  const there = readText(join(folder, 'version')).replace(/^v/, '');
  const wanted = JSON.parse(readText(join(packageFolder, 'package.json'))).version;
  if (there !== wanted)
    return { problem: `The installed Electron runtime is version ${there || 'unknown'}, not ${wanted}` };
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
