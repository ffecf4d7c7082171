import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { installedDebs } from '../../../src/main/core/packages/debian-packages.ts';
import { missing } from '../../needs.ts';

const isRunnable = (tool: string) => spawnSync(tool, ['--version']).status === 0;
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sealift-debs-'));
  // Where dpkg-deb unpacks what it reads.
  vi.stubEnv('TMPDIR', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** `dpkg` is installed on every Debian, in a version above 0. */
const fields = 'Package: dpkg\nVersion: 0\nMaintainer: x <x@example>\nDescription: d\n';
const architecture = spawnSync('dpkg', ['--print-architecture'], { encoding: 'utf8' }).stdout?.trim();
const honest = `${fields}Architecture: ${architecture}\n`;

/** Writes a .deb with such a control file; a `change` may replace that on the disk. */
function deb(control: string, change: (path: string) => void = () => undefined): string {
  const path = join(folder, 'a.deb');
  writeFileSync(join(folder, 'control'), control);
  change(join(folder, 'control'));
  const archive = spawnSync('tar', ['-cz', '-C', folder, './control']).stdout;
  const member = (name: string, bytes: Buffer) => {
    const header = `${name.padEnd(16)}0           0     0     100644  ${String(bytes.length).padEnd(10)}\`\n`;
    return Buffer.concat([Buffer.from(header), bytes, Buffer.from(bytes.length % 2 === 1 ? '\n' : '')]);
  };
  const none = spawnSync('tar', ['-cz', '-T', '/dev/null']).stdout;
  const members = [member('debian-binary', Buffer.from('2.0\n')), member('control.tar.gz', archive)];
  writeFileSync(path, Buffer.concat([Buffer.from('!<arch>\n'), ...members, member('data.tar.gz', none)]));
  rmSync(join(folder, 'control'));
  return path;
}

describe.skipIf(missing('dpkg-deb', () => isRunnable('dpkg-deb')))('a package of Debian', () => {
  it('is present if its package is installed in a newer version', async () => {
    const path = deb(honest);
    expect(await installedDebs([path])).toEqual([path]);
  });

  it.each<[string, () => string]>([
    ['expands without end', () => deb(`${honest}X-Long: ${'a'.repeat(64 * 1024 * 1024)}\n`)],
    ['has a field of 2 MiB', () => deb(honest.replace(' 0', ` 0${'1'.repeat(2 * 1024 * 1024)}`))],
    ['has control characters in its name', () => deb(honest.replace('dpkg', 'dp\u001b[31mkg'))],
    ['brings a second line in a version', () => deb(honest.replace(' 0', ' 0\n dpkg:all 0'))],
    [
      'is a link out of it',
      () =>
        deb('', (path) => {
          rmSync(path);
          symlinkSync('/etc/shadow', path);
        }),
    ],
    ['is none', () => join(folder, 'none.deb')],
  ])('counts as absent, and leaves nothing, if its control file %s', async (_what, make) => {
    const path = make();
    const before = readdirSync(folder);
    expect(await installedDebs([path])).toEqual([]);
    expect(readdirSync(folder)).toEqual(before);
  });
});
