import { mkdir, mkdtemp, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { showFolder } from '../../../src/main/core/files/show-folder.ts';
import { CarrierFinder } from '../../../src/main/core/media/find-carriers.ts';
import { someBytes, writeMedia } from '../../scenes/write-media.ts';

let folder = '';
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'sealift-media-')));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const at = (...names: string[]) => join(folder, ...names);
const vfat = (mountPoint: string) => ({ mountPoint, filesystem: 'vfat' });
function write(): string[] {
  const files = { 'a.txt': someBytes(1000, 'a') };
  return writeMedia(folder, { contents: [{ kind: 'files', name: 'notes', files }], media: 2 }).dirs;
}

describe('looking for media', () => {
  it('finds them among the mounts, with space and filesystem, and nothing else', async () => {
    const [first = '', second = ''] = write();
    await mkdir(at('other', 'sealift'), { recursive: true });
    const found = await new CarrierFinder(1000).find([vfat(first), vfat(at('other')), vfat(at('gone'))], []);
    expect(found).toEqual([
      {
        path: first,
        filesystem: 'vfat',
        sizeBytes: expect.any(Number),
        freeBytes: expect.any(Number),
        mark: expect.any(String),
      },
    ]);
    expect(found[0]?.sizeBytes).toBeGreaterThan(found[0]?.freeBytes ?? 0);
    // A virtual filesystem is not looked at, whatever it holds.
    expect(await new CarrierFinder(1000).find([{ mountPoint: second, filesystem: 'autofs' }], [])).toEqual([]);
  });

  it('reports what is wrong with added folders, and takes each medium once', async () => {
    const [first = '', second = ''] = write();
    await writeFile(join(second, 'sealift', 'UNFINISHED'), '');
    const finder = new CarrierFinder(1000);
    const found = await finder.find([vfat(first), vfat(second)], [first, at('gone')]);
    expect(found.map((one) => [one.path, one.addedAs, one.problem !== undefined])).toEqual([
      [first, first, false],
      [second, undefined, true],
      [at('gone'), at('gone'), true],
    ]);
    expect(found[1]?.problem).toContain('UNFINISHED');
    await rename(first, at('gone'));
    expect((await finder.find([], [at('gone')]))[0]).toMatchObject({ path: at('gone'), filesystem: '' });
  });

  it('distinguishes one medium from the next at the same mount point', async () => {
    const [first = '', second = ''] = write();
    const finder = new CarrierFinder(1000);
    const [before] = await finder.find([vfat(first)], []);
    await rename(first, at('away'));
    await rename(second, first);
    const [after] = await finder.find([vfat(first)], []);
    expect(after?.path).toBe(before?.path);
    expect(after?.mark).not.toBe(before?.mark);
  });

  it('finds every medium in a folder of media', async () => {
    const dirs = write();
    const found = await new CarrierFinder(1000).find([{ mountPoint: '/', filesystem: 'ext4' }], [folder]);
    expect(found.map((one) => [one.path, one.addedAs, one.filesystem])).toEqual(
      dirs.map((dir) => [dir, folder, 'ext4']),
    );
  });
});

describe('listing a folder', () => {
  it('lists folders first, hidden names last, links as their targets', async () => {
    await mkdir(at('zoo'));
    await writeFile(at('b.gguf'), '12345');
    await writeFile(at('A.txt'), '');
    await writeFile(at('.hidden'), 'x');
    await symlink(at('zoo'), at('way'));
    await symlink(at('nowhere'), at('broken'));
    expect(await showFolder(folder)).toEqual({
      path: folder,
      parent: join(folder, '..'),
      isCut: false,
      entries: [
        { name: 'way', kind: 'folder' },
        { name: 'zoo', kind: 'folder' },
        { name: 'A.txt', kind: 'file', sizeBytes: 0 },
        { name: 'b.gguf', kind: 'file', sizeBytes: 5 },
        { name: '.hidden', kind: 'file', sizeBytes: 1 },
      ],
    });
    expect((await showFolder(at('way'))).path).toBe(at('zoo'));
    expect(await showFolder('/')).not.toHaveProperty('parent');
  });

  it('truncates a huge folder and says so', async () => {
    await Promise.all(Array.from({ length: 2001 }, (_, index) => writeFile(at(`f${index}`), '')));
    const { entries, isCut } = await showFolder(folder);
    expect([entries.length, isCut]).toEqual([2000, true]);
  });

  it('refuses anything but a folder', async () => {
    await writeFile(at('file'), '');
    for (const name of ['file', 'none'])
      await expect(showFolder(at(name))).rejects.toMatchObject({ code: 'file.missing' });
  });
});
