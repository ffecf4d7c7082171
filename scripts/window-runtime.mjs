import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const executables = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' };

/**
 * Returns the program that shows the window, with its arguments, or what is missing. Only looks at files, because loading the package
 * starts a download. Tests pass `environment` and `machine`.
 */
export function windowRuntime(environment = process.env, machine = thisMachine()) {
  const { platform, isRoot, packagedWindow } = machine;
  if (platform === 'linux' && !environment.DISPLAY && !environment.WAYLAND_DISPLAY)
    return { problem: 'No display is available' };
  const found = packagedWindow === undefined ? installedRuntime(environment, machine) : packaged(packagedWindow);
  if (found.problem === undefined && platform === 'linux' && isRoot)
    return { problem: "The window's sandbox does not work for root" };
  return found;
}

/**
 * Returns why Chromium's sandbox does not run here, in words, if a window that did not open wrote about it. Chromium then refuses to
 * start, and Sealift never starts it without.
 */
export function sandboxProblem(written, readSetting = readText) {
  if (!/sandbox/i.test(written)) return undefined;
  const cause = causes.find(([file, value]) => readSetting(file) === value)?.[2] ?? 'no right to create namespaces';
  return `The window needs Chromium's sandbox, which cannot run here: ${cause}`;
}

const causes = [
  ['/proc/sys/kernel/apparmor_restrict_unprivileged_userns', '1', "AppArmor restricts users' namespaces"],
  ['/proc/sys/kernel/unprivileged_userns_clone', '0', 'users may not create namespaces'],
  ['/proc/sys/user/max_user_namespaces', '0', 'users may not create namespaces'],
];

function packaged(executable) {
  return existsSync(executable) ? { executable, args: [] } : { problem: `${executable} is missing` };
}

function installedRuntime(environment, { platform, packageFolder }) {
  if (packageFolder === undefined) return { problem: 'Electron is not installed' };
  const folder = environment.ELECTRON_OVERRIDE_DIST_PATH || join(packageFolder, 'dist');
  const executable = join(folder, readText(join(packageFolder, 'path.txt')) || executables[platform] || 'electron');
  if (!existsSync(executable))
    return { problem: 'The Electron runtime is not installed (to download it: npx install-electron)' };
  const there = readText(join(folder, 'version')).replace(/^v/, '');
  const wanted = JSON.parse(readText(join(packageFolder, 'package.json'))).version;
  if (there !== wanted)
    return { problem: `The installed Electron runtime is version ${there || 'unknown'}, not ${wanted}` };
  return { executable, args: [root] };
}

function thisMachine() {
  const { window } = JSON.parse(readText(join(root, 'package.json')));
  const packagedWindow = window === undefined ? undefined : resolve(root, window);
  let packageFolder;
  try {
    packageFolder = dirname(createRequire(import.meta.url).resolve('electron/package.json'));
  } catch {
    // Not installed.
  }
  return { platform: process.platform, isRoot: process.getuid?.() === 0, packageFolder, packagedWindow };
}

function readText(path) {
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : '';
}
