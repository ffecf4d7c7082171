import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

type Machine = { platform: NodeJS.Platform; isRoot: boolean; packageFolder: string | undefined };
const script = new URL('../../../scripts/window-runtime.mjs', import.meta.url).href;
const { windowRuntime } = (await import(script)) as {
  windowRuntime(environment: NodeJS.ProcessEnv, machine: Machine): { executable?: string; problem?: string };
};

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
  expect(windowRuntime(display, machine)).toEqual({ executable });
  expect(windowRuntime({ WAYLAND_DISPLAY: 'wayland-0' }, machine)).toEqual({ executable });
});

it('finds it under the name recorded by the package, or the name for the platform', async () => {
  const windows = await addRuntime('dist', '45.4.1', 'electron.exe');
  expect(windowRuntime({}, { ...machine, platform: 'win32' })).toEqual({ executable: windows });
  await writeFile(join(folder, 'path.txt'), 'other');
  const other = await addRuntime('dist', '45.4.1', 'other');
  expect(windowRuntime(display, machine)).toEqual({ executable: other });
});

it('finds it in the folder of ELECTRON_OVERRIDE_DIST_PATH', async () => {
  const executable = await addRuntime('elsewhere', '45.4.1');
  expect(windowRuntime({ ...display, ELECTRON_OVERRIDE_DIST_PATH: join(folder, 'elsewhere') }, machine)).toEqual({
    executable,
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
