import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileError } from '../../../src/main/core/files/file-error.ts';
import { readBounded } from '../../../src/main/core/files/read-bounded.ts';
import { writeWhole } from '../../../src/main/core/files/write-whole.ts';
import type { AppError } from '../../../src/shared/errors/app-error.ts';

const system = (code: string, syscall = 'read') => Object.assign(new Error(`${code}: something`), { code, syscall });

describe('errors of the file system', () => {
  it.each([
    ['read', 'EIO', 'read', 'medium.gone'],
    ['read', 'ENODEV', 'read', 'medium.gone'],
    ['read', 'ESTALE', 'read', 'medium.gone'],
    ['write', 'ENOTCONN', 'write', 'medium.gone'],
    ['read', 'EACCES', 'open', 'file.denied'],
    ['read', 'ENOENT', 'open', 'file.missing'],
    ['read', 'ENOTDIR', 'open', 'file.missing'],
    ['write', 'ENOSPC', 'write', 'space.ran-out'],
    ['write', 'EDQUOT', 'write', 'space.ran-out'],
    ['write', 'EROFS', 'open', 'file.denied'],
    ['write', 'ENOTDIR', 'mkdir', 'file.denied'],
    ['write', 'ENOENT', 'mkdir', 'file.denied'],
    ['write', 'ENOENT', 'open', 'file.missing'],
    ['write', 'EPERM', 'write', 'file.failed'],
    ['write', 'ENAMETOOLONG', 'open', 'file.failed'],
  ] as const)('%s: %s of %s is %s', (action, code, syscall, expected) => {
    expect(fileError('/s/x', action, system(code, syscall))).toMatchObject({ code: expected });
  });

  it('mentions permissions only if they would help', () => {
    const said = (code: string, syscall: string) =>
      JSON.stringify((fileError('/s/x', 'write', system(code, syscall)) as AppError).wire);
    expect(said('EACCES', 'open')).toContain('permission to write');
    expect(said('EROFS', 'open')).toContain('write-protected');
    expect(said('ENOTDIR', 'mkdir')).toContain('part of that path is a file');
    expect(said('EISDIR', 'open')).toContain('it is a folder');
    for (const code of ['EROFS', 'ENOTDIR', 'EISDIR']) expect(said(code, 'open')).not.toContain('permission to write');
  });

  it('returns errors from other sources unchanged', () => {
    const unknown = new TypeError('a fault in the program');
    expect(fileError('', 'read', unknown)).toBe(unknown);
  });
});

describe('whole files', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sealift-files-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('are written with their mode and folder, and leave no temporary files', async () => {
    const path = join(folder, 'new', 'file');
    await writeWhole(path, 'one', { folderMode: 0o700 });
    await writeWhole(path, 'two', { mode: 0o644 });
    expect(await readFile(path, 'utf8')).toBe('two');
    expect((await stat(path)).mode & 0o777).toBe(0o644);
    expect(await readdir(join(folder, 'new'))).toEqual(['file']);
    await expect(writeWhole(join(folder, 'nowhere', 'file'), '')).rejects.toMatchObject({ code: 'file.missing' });
    await expect(writeWhole(join(path, 'below'), '')).rejects.toMatchObject({ code: 'file.denied' });
  });

  it('are read up to their limit, and a missing one is undefined', async () => {
    const path = join(folder, 'bounded');
    await writeWhole(path, '12345');
    expect((await readBounded(path, 5))?.toString()).toBe('12345');
    await expect(readBounded(path, 4)).rejects.toMatchObject({ code: 'file.too-large' });
    expect(await readBounded(join(folder, 'none'), 4)).toBeUndefined();
    await expect(readBounded(folder, 4)).rejects.toMatchObject({ code: 'file.missing' });
  });
});
