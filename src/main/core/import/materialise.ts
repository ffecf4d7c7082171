import { chmod, constants, copyFile, link, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileError } from '../files/file-error.ts';
import { makeFolder } from '../files/make-folder.ts';
import { syncFolder } from '../files/write-whole.ts';
import type { LaidOutFile } from './lay-out.ts';
import type { StorePaths } from './store-paths.ts';

/**
 * Lays out a model or file set as a folder of hard links to its blobs (copies, reflinked where possible, on filesystems without
 * links): built beside, then renamed into place, an older one of the same name gives way. Gives the bytes that had to be copied.
 */
export async function materialise(folder: string, files: readonly LaidOutFile[], paths: StorePaths): Promise<number> {
  if (await isThere(folder, files, paths)) return 0;
  const fresh = `${folder}.part`;
  const old = `${folder}.old.part`;
  let copiedBytes = 0;
  try {
    await rm(fresh, { recursive: true, force: true });
    await makeFolder(fresh, 0o755);
    for (const file of files) copiedBytes += await placeFile(fresh, file, paths.blob(file.hex));
    await openUp(fresh, files);
    await rm(old, { recursive: true, force: true });
    await rename(folder, old).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    await rename(fresh, folder);
    await rm(old, { recursive: true, force: true });
    await syncFolder(dirname(folder));
  } catch (error) {
    throw fileError(folder, 'write', error);
  }
  return copiedBytes;
}

async function placeFile(folder: string, file: LaidOutFile, blob: string): Promise<number> {
  const target = join(folder, file.path);
  await makeFolder(dirname(target), 0o755);
  try {
    await link(blob, target);
    return 0;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOSPC') throw error;
    await copyFile(blob, target, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    await chmod(target, 0o444);
    return file.sizeBytes;
  }
}

/** 0755 whatever the umask: a container of another user must be able to read it. */
async function openUp(root: string, files: readonly LaidOutFile[]): Promise<void> {
  const folders = new Set([root]);
  for (const { path } of files) {
    for (let at = dirname(path); at !== '.'; at = dirname(at)) folders.add(join(root, at));
  }
  for (const folder of folders) await chmod(folder, 0o755);
}

async function isThere(folder: string, files: readonly LaidOutFile[], paths: StorePaths): Promise<boolean> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  if (files.length === 0 || entries.filter((entry) => !entry.isDirectory()).length !== files.length) return false;
  for (const { path, hex } of files) {
    const [own, blob] = await Promise.all([
      stat(join(folder, path), { bigint: true }).catch(() => undefined),
      stat(paths.blob(hex), { bigint: true }).catch(() => undefined),
    ]);
    if (!own || !blob || own.ino !== blob.ino || own.dev !== blob.dev) return false;
  }
  return true;
}
