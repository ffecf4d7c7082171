import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

type Machine = {
  platform: NodeJS.Platform;
  isRoot: boolean;
  packageFolder: string | undefined;
  packagedWindow?: string;
};
const script = new URL('../../../scripts/window-runtime.mjs', import.meta.url).href;
const { windowRuntime, sandboxProblem } = (await import(script)) as {
  windowRuntime(
    environment: NodeJS.ProcessEnv,
    machine: Machine,
  ): { executable?: string; args?: string[]; problem?: string };
  sandboxProblem(written: string, readSetting: (file: string) => string): string | undefined;
};
const args = [`${process.cwd()}/`];

let folder = '';
let machine: Machine;
const display = { DISPLAY: ':0' };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-runtime-'));
  await writeFile(join(folder, 'package.json'), '{"version":"45.4.1"}');
  machine = { platform: 'linux', isRoot: false, packageFolder: folder };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function addRuntime(place: string, version: string, executable = 'electron'): Promise<string> {
  await mkdir(join(folder, place), { recursive: true });
  await writeFile(join(folder, place, 'version'), version);
  await writeFile(join(folder, place, executable), '');
  return join(folder, place, executable);
}

it('finds the runtime of the package', async () => {
  const executable = await addRuntime('dist', 'v45.4.1\n');
  expect(windowRuntime(display, machine)).toEqual({ executable, args });
  expect(windowRuntime({ WAYLAND_DISPLAY: 'wayland-0' }, machine)).toEqual({ executable, args });
});

it('finds it under the name recorded by the package, or the name for the platform', async () => {
  const windows = await addRuntime('dist', '45.4.1', 'electron.exe');
  expect(windowRuntime({}, { ...machine, platform: 'win32' })).toEqual({ executable: windows, args });
  await writeFile(join(folder, 'path.txt'), 'other');
  const other = await addRuntime('dist', '45.4.1', 'other');
  expect(windowRuntime(display, machine)).toEqual({ executable: other, args });
});

it('finds it in the folder of ELECTRON_OVERRIDE_DIST_PATH', async () => {
  const executable = await addRuntime('elsewhere', '45.4.1');
  expect(windowRuntime({ ...display, ELECTRON_OVERRIDE_DIST_PATH: join(folder, 'elsewhere') }, machine)).toEqual({
    executable,
    args,
  });
});

it('returns what is missing', async () => {
  const problem = (environment: NodeJS.ProcessEnv = display, changes: Partial<Machine> = {}) =>
    windowRuntime(environment, { ...machine, ...changes }).problem;
  expect(problem({})).toBe('No display is available');
  expect(problem(display, { packageFolder: undefined })).toBe('Electron is not installed');
  expect(problem()).toContain('The Electron runtime is not installed');
  await addRuntime('dist', 'v22.3.25');
  expect(problem()).toBe('The installed Electron runtime is version 22.3.25, not 45.4.1');
  await addRuntime('dist', '45.4.1');
  expect(problem(display, { isRoot: true })).toBe("The window's sandbox does not work for root");
});

it('takes the window of a package, and no other, as a user who is not root', async () => {
  const packagedWindow = await addRuntime('package', '45.4.1', 'sealift-window');
  const packaged = { ...machine, packagedWindow };
  expect(windowRuntime(display, packaged)).toEqual({ executable: packagedWindow, args: [] });
  expect(windowRuntime({}, packaged)).toEqual({ problem: 'No display is available' });
  expect(windowRuntime(display, { ...packaged, isRoot: true }).problem).toContain('root');
  const gone = join(folder, 'gone');
  expect(windowRuntime(display, { ...packaged, packagedWindow: gone })).toEqual({ problem: `${gone} is missing` });
});

it("says why Chromium's sandbox cannot run, in Chromium's case only", () => {
  const refusals = [
    'FATAL:setuid_sandbox_host.cc(157)] The SUID sandbox helper binary was found, but is not configured correctly.',
    'FATAL:zygote_host_impl_linux.cc(117)] No usable sandbox!',
  ];
  const settings: Record<string, string> = { '/proc/sys/kernel/apparmor_restrict_unprivileged_userns': '1' };
  for (const text of refusals) {
    expect(sandboxProblem(text, (file) => settings[file] ?? '')).toContain('AppArmor');
    expect(sandboxProblem(text, () => '')).toContain('no right to create namespaces');
  }
  expect(sandboxProblem('Missing X server or $DISPLAY', () => '')).toBeUndefined();
});
