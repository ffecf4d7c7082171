import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const script = new URL('../../../scripts/packaging/electron-zip.mjs', import.meta.url).href;
const { checkedElectronZip } = (await import(script)) as {
  checkedElectronZip(file: string, forTests: boolean): { version: string; platform: string };
};
const { version } = (await import('electron/package.json')) as { version: string };
const folder = mkdtempSync(join(tmpdir(), 'sealift-zip-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileNamed(name: string): string {
  const file = join(folder, name);
  writeFileSync(file, 'not the real one');
  return file;
}

it.each([
  [`electron-v${version}-linux-x64.zip`, 'is damaged or was changed'],
  [`electron-v${version}-linux-ppc64.zip`, 'is not named like a release of Electron'],
  ['electron-v22.3.25-linux-x64.zip', `is not Electron ${version}`],
  ['electron.zip', 'is not named like a release of Electron'],
])('refuses %s with other bytes', (name, problem) => {
  expect(() => checkedElectronZip(fileNamed(name), false)).toThrow(problem);
});

it('accepts only other versions for tests', () => {
  const old = fileNamed('electron-v22.3.25-win32-x64.zip');
  expect(checkedElectronZip(old, true)).toMatchObject({ version: '22.3.25', platform: 'win-x64' });
  const own = fileNamed(`electron-v${version}-linux-arm64.zip`);
  expect(() => checkedElectronZip(own, true)).toThrow('is damaged or was changed');
});
