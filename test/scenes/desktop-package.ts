import { spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { buildApp, oldElectronFolder } from './old-electron.ts';

type Files = { path: string; from: string; isExecutable: boolean }[];
interface Packaging {
  treeFiles(options: object): object;
  checkedElectronZip(file: string, forTests: boolean): object;
  writeDesktop(options: object): Promise<unknown>;
}
const epochSeconds = 1_000_000_000;
const script = (name: string) => new URL(`../../scripts/packaging/${name}`, import.meta.url).href;

/** Writes the old Electron as a zip under the name of its release, and returns it. */
export async function zipOldElectron(folder: string): Promise<string> {
  const { writeZip } = (await import(/* @vite-ignore */ script('write-zip.mjs'))) as {
    writeZip(target: string, files: Files, epochSeconds: number, options: object): Promise<void>;
  };
  const zip = join(folder, 'electron-v22.3.25-linux-x64.zip');
  const files = readdirSync(oldElectronFolder, { recursive: true, withFileTypes: true })
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => lstatSync(path).isFile())
    .map((from) => ({ path: relative(oldElectronFolder, from), from, isExecutable: isExecutable(from) }))
    .filter(({ path }) => !/^(usr|resources)\/|[.]desktop$/.test(path));
  await writeZip(zip, files, 1, { compress: false });
  return zip;
}

/** Builds the window's code for the old Electron, with what that lacks. */
export async function buildTestWindow(folder: string): Promise<string> {
  await buildApp(folder);
  rmSync(join(folder, 'out/main/cli.js'));
  renameSync(join(folder, 'prelude.cjs'), join(folder, 'out/main/prelude.cjs'));
  const own = { name: 'sealift', productName: 'Sealift', version: '0.0.0', main: 'out/main/start.cjs' };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(own));
  writeFileSync(join(folder, 'out/main/start.cjs'), "require('./prelude.cjs');\nrequire('./electron.cjs');\n");
  return folder;
}

/** Installs a .deb into an empty root folder, as `dpkg -i` does. Its dependencies are those of this machine. */
export function installDeb(deb: string, root: string): { code: number | null; text: string } {
  for (const folder of ['info', 'updates', 'triggers'])
    mkdirSync(join(root, 'var/lib/dpkg', folder), { recursive: true });
  writeFileSync(join(root, 'var/lib/dpkg/status'), '');
  const { status, stdout, stderr } = spawnSync('dpkg', [`--root=${root}`, '--force-depends', '-i', deb], {
    encoding: 'utf8',
  });
  return { code: status, text: stdout + stderr };
}

/** Makes the desktop packages of `runPackage` with the same options once more, without the rest. */
export async function packageAgain(zip: string, testWindow: string, to: string): Promise<void> {
  const names = ['tree-files.mjs', 'electron-zip.mjs', 'write-desktop.mjs'];
  const parts = await Promise.all(names.map((name) => import(/* @vite-ignore */ script(name))));
  const { treeFiles, checkedElectronZip, writeDesktop } = Object.assign({}, ...parts) as Packaging;
  const [root, temporary] = [resolve('.'), join(to, 'temporary')];
  mkdirSync(temporary, { recursive: true });
  const tree = treeFiles({ root, platform: 'linux-x64', temporary, withoutEngine: false });
  await writeDesktop({ root, to, zip: checkedElectronZip(zip, true), tree, testWindow, epochSeconds, temporary });
}

/** Runs `npm run package`. */
export function runPackage(args: string[]): { code: number | null; text: string } {
  const env = { ...process.env, SOURCE_DATE_EPOCH: String(epochSeconds) };
  const all = ['scripts/package.mjs', ...args];
  const { status, stderr } = spawnSync(process.execPath, all, { encoding: 'utf8', env });
  return { code: status, text: stderr };
}

/**
 * Returns a command that runs another one in a root folder of its own with the same files: the kernel then lets no user create
 * namespaces, as other systems do by settings.
 */
export function inWorldWithoutNamespaces(folder: string, command: string[]): string[] {
  const root = join(folder, 'world');
  mkdirSync(root, { recursive: true });
  const script = `mount --rbind / '${root}' && exec chroot '${root}' "$@"`;
  return ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', ...command];
}

function isExecutable(path: string): boolean {
  return (lstatSync(path).mode & 0o111) !== 0;
}
