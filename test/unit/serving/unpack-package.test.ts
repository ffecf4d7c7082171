import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unpackPackage } from '../../../src/main/core/serving/variants/unpack-package.ts';

let home: string;
let folder: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'unpack-'));
  folder = join(home, 'llamacpp', 'digest');
});
afterEach(() => rm(home, { recursive: true }));

const integrityOf = (bytes: Buffer) => `sha512-${createHash('sha512').update(bytes).digest('base64')}`;

async function archiveOf(...entries: Partial<Header>[]): Promise<{ archive: string; integrity: string }> {
  const tar = pack();
  for (const entry of entries)
    if (entry.type) tar.entry(entry as Header);
    else tar.entry(entry as Header, 'content');
  tar.finalize();
  const bytes = gzipSync(await buffer(tar));
  const archive = join(home, 'package.tgz');
  await writeFile(archive, bytes);
  return { archive, integrity: integrityOf(bytes) };
}

const unpacked = (one: { archive: string; integrity: string }) =>
  unpackPackage({ ...one, folder }, new AbortController().signal);

describe('a package of npm', () => {
  it('is unpacked without its top folder', async () => {
    await unpacked(await archiveOf({ name: 'package/dist/index.js' }, { name: 'package/bins/a/b.so' }));
    expect(await readFile(join(folder, 'bins/a/b.so'), 'utf8')).toBe('content');
    expect((await readdir(folder)).sort()).toEqual(['bins', 'dist']);
    expect(await readdir(join(home, 'llamacpp'))).toEqual(['digest']);
  });

  it.each([
    ['a path out of the folder', { name: 'package/../../evil' }],
    ['an absolute path', { name: '/evil' }],
    ['a link', { name: 'package/link', type: 'symlink', linkname: '/etc/passwd' }],
    ['a hard link', { name: 'package/link', type: 'link', linkname: '/etc/passwd' }],
    ['a device', { name: 'package/device', type: 'character-device' }],
  ] as [string, Partial<Header>][])('with %s is refused, and nothing stays', async (_name, entry) => {
    const archive = await archiveOf({ name: 'package/first' }, entry);
    await expect(unpacked(archive)).rejects.toMatchObject({ code: 'serving.variant-damaged' });
    expect(await readdir(join(home, 'llamacpp'))).toEqual([]);
    expect((await readdir(home)).sort()).toEqual(['llamacpp', 'package.tgz']);
  });

  it('that is not what npm published is refused, and nothing stays', async () => {
    const { archive } = await archiveOf({ name: 'package/first' });
    const integrity = integrityOf(Buffer.from('other'));
    await expect(unpacked({ archive, integrity })).rejects.toMatchObject({ code: 'serving.variant-damaged' });
    for (const text of ['no archive', '', gzipSync('no archive'), (await readFile(archive)).subarray(0, -20)]) {
      await writeFile(archive, text);
      await expect(unpacked({ archive, integrity })).rejects.toMatchObject({ code: 'serving.variant-damaged' });
    }
    expect(await readdir(join(home, 'llamacpp'))).toEqual([]);
    expect((await readdir(home)).sort()).toEqual(['llamacpp', 'package.tgz']);
  });

  it('that is cut short is refused, whatever was being written when it ended', async () => {
    // The end comes while the folders of its file are being made.
    const { archive, integrity } = await archiveOf({ name: `package/${'d/'.repeat(100)}first` });
    await writeFile(archive, (await readFile(archive)).subarray(0, -20));
    await expect(unpacked({ archive, integrity })).rejects.toMatchObject({ code: 'serving.variant-damaged' });
    expect(await readdir(join(home, 'llamacpp'))).toEqual([]);
  });

  it('can be unpacked by several at once', async () => {
    const archive = await archiveOf({ name: 'package/first' }, { name: 'package/bins/second' });
    await Promise.all(Array.from({ length: 4 }, () => unpacked(archive)));
    expect(await readdir(join(home, 'llamacpp'))).toEqual(['digest']);
    expect((await readdir(folder)).sort()).toEqual(['bins', 'first']);
  });

  it('leaves no part of a killed run behind, and does not touch that of another one', async () => {
    const { pid: killed } = spawnSync(process.execPath, ['--version']);
    const parts = [`digest.part-${killed}-a`, `digest.part-${process.pid}-b`];
    for (const part of parts) await mkdir(join(home, 'llamacpp', part, 'bins'), { recursive: true });
    await unpacked(await archiveOf({ name: 'package/first' }));
    expect((await readdir(join(home, 'llamacpp'))).sort()).toEqual(['digest', parts[1]]);
  });

  it('that cannot be written says so, and not that it is damaged', async () => {
    const archive = await archiveOf({ name: 'package/first' });
    await writeFile(join(home, 'llamacpp'), 'a file');
    await expect(unpacked(archive)).rejects.toMatchObject({ code: 'file.denied' });
  });

  it('can be unpacked again after an interruption', async () => {
    const archive = await archiveOf({ name: 'package/first' });
    const stopped = unpackPackage({ ...archive, folder }, AbortSignal.abort(new Error('stopped')));
    await expect(stopped).rejects.toThrow('stopped');
    await unpacked(archive);
    expect(await readdir(folder)).toEqual(['first']);
  });
});
