import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missing } from '../../needs.ts';
import { zipStandInElectron } from '../../scenes/stand-in-electron.ts';

interface Packaging {
  checkedElectronZip(file: string, forTests: boolean): object;
  writeDesktop(options: object): Promise<{ made: string[] }>;
}
const script = (name: string) => new URL(`../../../scripts/packaging/${name}`, import.meta.url).href;
const version = '1.2.3';
const folder = mkdtempSync(join(tmpdir(), 'sealift-structure-'));
const unpacked = join(folder, 'unpacked');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// Neither can be run here: the parts of Electron have its form alone. What is checked is what the packaging does to them.
async function makeDesktop(system: 'win32-x64' | 'linux-arm64'): Promise<string[]> {
  const parts = await Promise.all(['electron-zip.mjs', 'write-desktop.mjs'].map((name) => import(script(name))));
  const { checkedElectronZip, writeDesktop } = Object.assign({}, ...parts) as Packaging;
  const zip = checkedElectronZip(await zipStandInElectron(folder, system), true);
  const testWindow = join(folder, 'window');
  mkdirSync(testWindow, { recursive: true });
  writeFileSync(join(testWindow, 'package.json'), JSON.stringify({ name: 'sealift', version, main: 'main.js' }));
  writeFileSync(join(testWindow, 'main.js'), '// the window\n');
  const program = system === 'win32-x64' ? 'bin/node.exe' : 'bin/node';
  const tree = {
    version,
    node: { version: '24.0.0', platform: system, integrity: 'sha512-AA==' },
    description: 'For tests',
    packages: [],
    files: [
      { path: program, bytes: Buffer.from('node'), isExecutable: true },
      { path: 'lib/package.json', bytes: Buffer.from('{"name":"sealift"}') },
    ],
  };
  const to = join(folder, 'made');
  for (const one of [to, unpacked]) mkdirSync(one, { recursive: true });
  const options = { root: resolve('.'), to, zip, tree, testWindow, epochSeconds: 1_000_000_000 };
  const { made } = await writeDesktop({ ...options, temporary: mkdtempSync(join(folder, 'temporary-')) });
  return made.map((name) => join(to, name));
}

/** The digest of an archive's header, which Electron compares with the one in its program. */
function headerDigest(asar: string): string {
  const bytes = readFileSync(asar);
  return createHash('sha256')
    .update(bytes.subarray(16, 16 + bytes.readUInt32LE(12)))
    .digest('hex');
}

async function fusesOf(program: string): Promise<Record<string, boolean>> {
  const wanted = JSON.parse(readFileSync('scripts/packaging/fuses.json', 'utf8')) as Record<string, boolean>;
  const wire = await getCurrentFuseWire(program);
  const names = Object.keys(wanted).map((name) => [name, `${name.charAt(0).toUpperCase()}${name.slice(1)}`] as const);
  const read = names.map(([name, key]) => [name, wire[FuseV1Options[key as keyof typeof FuseV1Options]]] as const);
  expect(Object.fromEntries(read.map(([name, state]) => [name, state === FuseState.ENABLE]))).toEqual(wanted);
  return wanted;
}

describe.skipIf(missing('unzip'))('the zip for Windows', () => {
  const name = `for-tests-only-sealift-desktop-${version}-win-x64`;
  const program = join(unpacked, name, 'Sealift.exe');
  beforeAll(async () => {
    const [zip = ''] = await makeDesktop('win32-x64');
    execFileSync('unzip', ['-q', zip, '-d', unpacked]);
  });

  it('has the window, the tree and the code where each looks for the other', () => {
    const own = JSON.parse(readFileSync(join(unpacked, name, 'resources/sealift/lib/package.json'), 'utf8'));
    expect(resolve(unpacked, name, 'resources/sealift/lib', own.window)).toBe(program);
    expect(readFileSync(join(unpacked, name, 'resources/sealift/bin/node.exe'), 'utf8')).toBe('node');
    expect(readFileSync(join(unpacked, name, 'LICENSES.chromium.html')).length).toBeGreaterThan(0);
  });

  it('has a program for x64 whose fuses are as wanted', async () => {
    const bytes = readFileSync(program);
    const start = bytes.readUInt32LE(0x3c);
    expect(bytes.toString('latin1', 0, 2)).toBe('MZ');
    expect(bytes.toString('latin1', start, start + 4)).toBe('PE\0\0');
    expect(bytes.readUInt16LE(start + 4)).toBe(0x8664);
    expect(await fusesOf(program)).toMatchObject({ runAsNode: false, onlyLoadAppFromAsar: true });
  });

  it('has the digest of its code in the program, under our name', () => {
    const text = readFileSync(program).toString('latin1');
    const [list = '[]'] = /\[\{"file":.*?\}\]/.exec(text) ?? [];
    const value = headerDigest(join(unpacked, name, 'resources/app.asar'));
    expect(JSON.parse(list)).toEqual([{ file: 'resources\\app.asar', alg: 'SHA256', value }]);
    for (const word of ['INTEGRITY', 'ELECTRONASAR', 'ProductName', 'Sealift'])
      expect(text).toContain(Buffer.from(word, 'utf16le').toString('latin1'));
  });
});

describe.skipIf(missing('dpkg-deb', () => process.platform === 'linux'))('the .deb for arm64', () => {
  const program = join(unpacked, 'usr/lib/sealift/sealift-window');
  let deb = '';
  beforeAll(async () => {
    deb = (await makeDesktop('linux-arm64')).find((file) => file.endsWith('.deb')) ?? '';
    execFileSync('dpkg-deb', ['--extract', deb, unpacked]);
  });

  it('says its processor, and has a program for it whose fuses are as wanted', async () => {
    expect(execFileSync('dpkg-deb', ['--field', deb, 'Architecture'], { encoding: 'utf8' })).toBe('arm64\n');
    expect(deb).toMatch(/_arm64[.]deb$/);
    expect(readFileSync(program).readUInt16LE(18)).toBe(0xb7);
    expect(await fusesOf(program)).toMatchObject({ runAsNode: false });
  });
});
