import { chmod, constants, copyFile, link, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { appError } from '../../../../shared/errors/app-error.ts';
import type { LaidOutFile } from '../../bundle/read/manifest-files.ts';
import { fileError } from '../../files/file-error.ts';
import { freeSpace } from '../../files/free-space.ts';
import { makeFolder } from '../../files/make-folder.ts';
import { syncFolder } from '../../files/write-whole.ts';
import type { StorePaths } from '../../store/store-paths.ts';

/** What is known about a folder. */
export interface FolderFacts {
  /** The files are copies, since the filesystem has no links, and the store's records say that the folder holds this content. */
  isKnownCopy: boolean;
}

/** Observes the building of a folder: `signal` is honoured before each file, `tell` gets how many are done. */
export interface FolderWatch {
  signal: AbortSignal;
  tell(done: number): void;
}

/**
 * Builds a model or file set next to its place as a folder of hard links to its blobs (copies, reflinked where possible, on
 * filesystems without links, or for more names than they allow). Returns the bytes that had to be copied; undefined when the folder is
 * already correct. Throws `space.ran-out` before copies take the reserve of the filesystem. What fails leaves nothing.
 */
export async function buildFolder(
  folder: string,
  files: readonly LaidOutFile[],
  paths: StorePaths,
  facts: FolderFacts,
  { signal, tell }: FolderWatch,
): Promise<number | undefined> {
  if (await isThere(folder, files, paths, facts)) return undefined;
  const fresh = freshPath(folder);
  let copiedBytes = 0;
  try {
    await rm(fresh, { recursive: true, force: true });
    await makeFolder(fresh, 0o755);
    for (const [done, file] of files.entries()) {
      signal.throwIfAborted();
      tell(done);
      copiedBytes += await placeFile(fresh, file, paths);
    }
    await openUp(fresh, files);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true }).catch(() => undefined);
    signal.throwIfAborted();
    throw fileError(folder, 'write', error);
  }
  return copiedBytes;
}

/** Moves an older folder out of the way of one that was built. */
export async function takeOldAway(folder: string): Promise<void> {
  try {
    await rm(oldPath(folder), { recursive: true, force: true });
    await rename(folder, oldPath(folder)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    await syncFolder(dirname(folder));
  } catch (error) {
    throw fileError(folder, 'write', error);
  }
}

/** Moves a folder that was built to its free place and removes the older one. */
export async function putInPlace(folder: string): Promise<void> {
  try {
    await rename(freshPath(folder), folder);
    await rm(oldPath(folder), { recursive: true, force: true });
    await syncFolder(dirname(folder));
  } catch (error) {
    throw fileError(folder, 'write', error);
  }
}

function freshPath(folder: string): string {
  return `${folder}.part`;
}

function oldPath(folder: string): string {
  return `${folder}.old.part`;
}

async function placeFile(folder: string, file: LaidOutFile, paths: StorePaths): Promise<number> {
  const [blob, target] = [paths.blob(file.hex), join(folder, file.path)];
  await makeFolder(dirname(target), 0o755);
  try {
    await link(blob, target);
    return 0;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOSPC') throw error;
    // A signed list may give one blob any number of names.
    const { freeBytes, reserveBytes } = await freeSpace(paths.store);
    if (freeBytes - file.sizeBytes < reserveBytes) throw appError('space.ran-out', { path: paths.store, freeBytes });
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

async function isThere(
  folder: string,
  files: readonly LaidOutFile[],
  paths: StorePaths,
  { isKnownCopy }: FolderFacts,
): Promise<boolean> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  if (files.length === 0 || entries.filter((entry) => !entry.isDirectory()).length !== files.length) return false;
  for (const { path, hex } of files) {
    const [own, blob] = await Promise.all([
      stat(join(folder, path), { bigint: true }).catch(() => undefined),
      stat(paths.blob(hex), { bigint: true }).catch(() => undefined),
    ]);
    if (!own || !blob || own.dev !== blob.dev) return false;
    if (isKnownCopy ? own.size !== blob.size : own.ino !== blob.ino) return false;
  }
  return true;
}
