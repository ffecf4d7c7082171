import { constants } from 'node:fs';
import { access, lstat, readdir, realpath, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { appError } from '../../../shared/errors/app-error.ts';
import { makeFolder } from '../files/make-folder.ts';
import { readAtMost } from '../files/read-bounded.ts';
import { mediumEnvelopePath, mediumFolder } from './format.ts';
import { openMediumFile } from './open-medium-file.ts';
import { filesystemOf } from './pack-filesystem.ts';
import { packIoError } from './pack-io-error.ts';
import { generatorMark, startHereName } from './pack-start-here.ts';

/** The mark of a medium that is being written; removed last. */
export const unfinishedPath = `${mediumFolder}/UNFINISHED`;

const maxPageBytes = 1024 * 1024;

/** A folder that the bundle shall be written to, as it was found. */
export interface PackTarget {
  path: string;
  exists: boolean;
  /** Which filesystem it lies on, to see which targets share their space. */
  device: string;
  /** Name of the filesystem's type, for people. */
  filesystem: string;
  /** Free bytes for this user, with those of what will be removed. */
  freeBytes: number;
  clusterBytes: number;
  /** The largest file that the filesystem surely takes, when that is below 4 GiB. */
  largestFileBytes?: number;
  /** A bundle or the rest of an interrupted one lies there and will be removed. */
  isReplaced: boolean;
}

/**
 * Looks at a folder to write to; writes nothing. Throws `pack.medium-in-use` for a bundle without `overwrite`,
 * `pack.foreign-folder` for what Sealift did not write, `file.denied`, `input.invalid` when it is no folder.
 */
export async function lookAtTarget(given: string, options: { overwrite: boolean }): Promise<PackTarget> {
  const path = resolve(given);
  try {
    const existing = await nearestExisting(path);
    if (!(await stat(existing)).isDirectory()) {
      throw appError('input.invalid', { what: '--to', issues: [`${existing} is not a folder`] });
    }
    await access(existing, constants.W_OK | constants.X_OK);
    const exists = existing === path;
    const isReplaced = exists && (await isOurs(path, options.overwrite));
    const { bavail, bsize, type } = await statfs(existing);
    const reclaimed = isReplaced ? await folderBytes(join(path, mediumFolder)) : 0;
    return {
      path: exists ? await realpath(path) : path,
      exists,
      device: String((await stat(existing)).dev),
      ...filesystemOf(type),
      freeBytes: bavail * bsize + reclaimed,
      clusterBytes: Math.max(512, bsize),
      isReplaced,
    };
  } catch (error) {
    throw packIoError(error, path, 'write');
  }
}

/** Removes what an earlier bundle left; only for a target that was found replaceable. The mark of an unfinished medium stays. */
export async function clearTarget(target: PackTarget): Promise<void> {
  try {
    const folder = join(target.path, mediumFolder);
    for (const name of await readdir(folder)) {
      if (`${mediumFolder}/${name}` !== unfinishedPath) await rm(join(folder, name), { recursive: true, force: true });
    }
    await rm(join(target.path, startHereName), { force: true });
  } catch (error) {
    throw packIoError(error, target.path, 'write');
  }
}

/** Makes the folders of a medium. Throws `file.denied`, `space.ran-out`. */
export async function makeFolders(target: PackTarget, folders: string[]): Promise<void> {
  try {
    for (const folder of folders) await makeFolder(join(target.path, folder), 0o755);
  } catch (error) {
    throw packIoError(error, target.path, 'write');
  }
}

async function nearestExisting(path: string): Promise<string> {
  for (let at = path; ; at = dirname(at)) {
    try {
      await stat(at);
      return at;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(at) === at) throw error;
    }
  }
}

/** Whether there is something of ours to remove first. */
async function isOurs(path: string, overwrite: boolean): Promise<boolean> {
  await refuseForeignPage(path);
  const folder = join(path, mediumFolder);
  const kind = await lstat(folder).catch(() => undefined);
  if (!kind) return false;
  if (!kind.isDirectory()) throw appError('pack.foreign-folder', { path: folder });
  const names = await readdir(folder);
  if (names.length === 0) return false;
  if (await isPlainFile(join(path, unfinishedPath))) return true;
  if (!(await isPlainFile(join(path, mediumEnvelopePath)))) throw appError('pack.foreign-folder', { path: folder });
  if (!overwrite) throw appError('pack.medium-in-use', { path });
  return true;
}

/** A page that is not ours is never replaced; one that cannot be read is not known to be ours, and its error stands. */
async function refuseForeignPage(path: string): Promise<void> {
  const foreign = (cause?: unknown) => appError('pack.foreign-folder', { path: join(path, startHereName) }, cause);
  const page = await readPage(path).catch((error) => {
    throw ['bundle.link', 'file.too-large'].includes(error.code) ? foreign(error) : error;
  });
  if (page && !page.includes(generatorMark)) throw foreign();
}

async function readPage(path: string): Promise<Buffer | undefined> {
  const file = await openMediumFile(path, startHereName);
  try {
    return file && (await readAtMost(file, path, maxPageBytes));
  } finally {
    await file?.close();
  }
}

/** False for what is not there; a link, pipe or folder in the place of a file of ours is `pack.foreign-folder`. */
async function isPlainFile(path: string): Promise<boolean> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  if (found && !found.isFile()) throw appError('pack.foreign-folder', { path });
  return found !== undefined;
}

async function folderBytes(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += await folderBytes(path);
    else if (entry.isFile()) bytes += (await stat(path)).blocks * 512;
  }
  return bytes;
}
