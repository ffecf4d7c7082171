import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prepareInstall } from '../../../src/main/core/packages/prepare-install.ts';
import type { StoredPackages } from '../../../src/main/core/store/carried-packages.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-packages-'));
});
afterEach(() => rm(folder, { recursive: true }));

const here = { id: 'debian', version: '12', architecture: 'x64' };

async function stored(files: Record<string, string>, changes: Partial<StoredPackages> = {}): Promise<StoredPackages> {
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return {
    name: 'engine',
    path: folder,
    manifestDigest: `sha256:${'0'.repeat(64)}`,
    files: Object.entries(files).map(([path, content]) => ({
      path,
      sha256: createHash('sha256').update(content).digest('hex'),
      sizeBytes: content.length,
    })),
    packages: { provides: 'container-engine', system: 'debian', version: '12', architecture: 'x64' },
    ...changes,
  };
}

describe('the installation of packages from the store', () => {
  it('names each package by its whole path, and nothing else of the set', async () => {
    const { command, files, present } = await prepareInstall(
      await stored({ 'a.deb': 'a', '-b.deb': 'b', 'read me.txt': 'c' }),
      here,
    );
    expect(files).toEqual([join(folder, 'a.deb'), join(folder, '-b.deb')]);
    expect(command.slice(-2)).toEqual(files);
    expect(present).toEqual([]);
  });

  it('takes .rpm packages to the tool for them', async () => {
    const { command } = await prepareInstall(await stored({ 'a.rpm': 'a' }), here);
    expect(command.join(' ')).toMatch(/^(dnf install --assumeyes --disablerepo=[*]|rpm --upgrade) \//);
  });

  it.each<[string, string, (set: StoredPackages) => Promise<StoredPackages>]>([
    [
      'another release',
      'packages.other-system',
      async (set) => ({ ...set, packages: { ...set.packages, version: '11' } }),
    ],
    ['a set without packages', 'packages.none', async (set) => ({ ...set, files: [] })],
    [
      'a file that was changed after the import',
      'packages.damaged',
      async (set) => writeFile(join(folder, 'a.deb'), 'other').then(() => set),
    ],
    ['a file that is gone', 'packages.damaged', async (set) => rm(join(folder, 'a.deb')).then(() => set)],
    [
      'a path that leaves the store',
      'packages.damaged',
      async (set) => ({ ...set, files: set.files.map((file) => ({ ...file, path: '../a.deb' })) }),
    ],
  ])('is refused for %s', async (_what, code, change) => {
    const set = await change(await stored({ 'a.deb': 'a' }));
    await expect(prepareInstall(set, here)).rejects.toMatchObject({ code });
  });
});
