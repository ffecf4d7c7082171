import { constants } from 'node:fs';
import { access, lstat, readdir, realpath, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { appError } from '../../../../shared/errors/app-error.ts';
import { closeFile } from '../../files/close-file.ts';
import { makeFolder } from '../../files/make-folder.ts';
import { nearestExisting } from '../../files/nearest-existing.ts';
import { readAtMost, readBounded } from '../../files/read-bounded.ts';
import { sha256Hex } from '../../files/sha256.ts';
import { isInside } from '../../files/source-folder.ts';
import { maxEnvelopeBytes, mediumEnvelopePath, mediumFolder } from '../format/format.ts';
import { packIoError } from '../format/medium-io-error.ts';
import { openMediumFile } from '../format/open-medium-file.ts';
import { filesystemOf } from './medium-filesystem.ts';
import { readMark, refuseBusy, unfinishedPath } from './pack-mark.ts';
import { generatorMark, startHereName } from './start-here.ts';
import { startHereTextName, textMark } from './start-here-text.ts';

const maxPageBytes = 1024 * 1024;
/** The pages at the root of a medium, and what identifies each as ours. */
const pageMarks = { [startHereName]: generatorMark.text, [startHereTextName]: textMark };

/** Folders in which systems and people mount media. */
const mountPlaces = ['/media', '/run/media', '/mnt', '/Volumes'];

/** The state of a folder that the bundle will be written to. */
export interface PackTarget {
  path: string;
  exists: boolean;
  /** Identifies its filesystem, to see which targets share their space. */
  device: string;
  /** Name of the filesystem's type, for people. */
  filesystem: string;
  /** Free bytes for this user, including those of files that will be removed. */
  freeBytes: number;
  clusterBytes: number;
  /** The largest file that the filesystem surely takes, when that is below 4 GiB. */
  largestFileBytes?: number;
  /** It holds a bundle or the rest of an interrupted one, which will be removed, but for what is resumed. */
  isReplaced: boolean;
  /** It carries the mark of an interrupted pack. */
  isMarked: boolean;
  /** It holds what the interrupted pack that is resumed has written. */
  isResumed: boolean;
}

/** The interrupted pack that may be resumed: its bundle's id, and the SHA-256 of the envelopes that it signed. */
export interface Interrupted {
  id: string;
  sealed: string[];
}

/**
 * Looks at a folder to write to; writes nothing. Throws `pack.medium-in-use` for a bundle without `overwrite`, `pack.medium-busy`
 * while another process writes to it,
 * `pack.foreign-folder` for files that Sealift did not write, `pack.not-mounted` for a folder without a medium where media are mounted
 * (unless `plainFolders`), `pack.no-parent` when more than the folder itself is missing, `pack.size-unknown` without `mediumBytes`, `file.denied`, `input.invalid` when it is not a folder.
 */
export async function lookAtTarget(
  given: string,
  options: {
    overwrite: boolean;
    plainFolders?: boolean | undefined;
    mediumBytes?: number | undefined;
    interrupted?: Interrupted | undefined;
  },
): Promise<PackTarget> {
  const path = resolve(given);
  try {
    const existing = await nearestExisting(path);
    if (!(await stat(existing)).isDirectory()) {
      throw appError('input.invalid', { what: '--to', issues: [`${existing} is not a folder`] });
    }
    await access(existing, constants.W_OK | constants.X_OK);
    const exists = existing === path;
    if (!options.plainFolders) await refuseUnmounted(path, existing);
    if (!exists && existing !== dirname(path)) throw appError('pack.no-parent', { path, parent: dirname(path) });
    const found = exists ? await lookForOurs(path, options) : nothingOfOurs;
    const { blocks, bavail, bsize, type } = await statfs(existing);
    // Some drivers in user space say nothing of a filesystem's size.
    const isUnknown = blocks === 0;
    if (isUnknown && options.mediumBytes === undefined) throw appError('pack.size-unknown', { path });
    const reclaimed = found.isReplaced ? await folderBytes(join(path, mediumFolder)) : 0;
    return {
      path: exists ? await realpath(path) : path,
      exists,
      device: String((await stat(existing)).dev),
      ...filesystemOf(type),
      freeBytes: isUnknown ? (options.mediumBytes ?? 0) : bavail * bsize + reclaimed,
      clusterBytes: Math.max(512, bsize),
      ...found,
    };
  } catch (error) {
    throw packIoError(error, path, 'write');
  }
}

/**
 * Removes the files of an earlier bundle but for these paths; only for a target that was found replaceable. The mark of an unfinished
 * medium stays.
 */
export async function clearTarget(target: PackTarget, kept: string[] = []): Promise<void> {
  try {
    await clearBut(join(target.path, mediumFolder), [join(target.path, unfinishedPath), ...kept]);
    for (const page of Object.keys(pageMarks)) await rm(join(target.path, page), { force: true });
  } catch (error) {
    throw packIoError(error, target.path, 'write');
  }
}

async function clearBut(folder: string, kept: string[]): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    const within = kept.filter((one) => isInside(one, path));
    if (within.length === 0 || (entry.isSymbolicLink() && !within.includes(path))) {
      await rm(path, { recursive: true, force: true });
    } else if (entry.isDirectory()) await clearBut(path, within);
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

/** Packing would fill this machine's own disk, and the medium would leave the house empty. */
async function refuseUnmounted(path: string, existing: string): Promise<void> {
  const place = mountPlaces.find((one) => isInside(path, one));
  if (place === undefined) return;
  const [above, found] = await Promise.all([stat(dirname(place)), stat(existing)]);
  if (above.dev === found.dev) throw appError('pack.not-mounted', { path, exists: existing === path });
}

type Ours = Pick<PackTarget, 'isReplaced' | 'isMarked' | 'isResumed'>;
const nothingOfOurs: Ours = { isReplaced: false, isMarked: false, isResumed: false };

/** Files of an earlier bundle must be removed first. */
async function lookForOurs(
  path: string,
  { overwrite, interrupted }: { overwrite: boolean; interrupted?: Interrupted | undefined },
): Promise<Ours> {
  for (const [page, mark] of Object.entries(pageMarks)) await refuseForeignPage(path, page, mark);
  const folder = join(path, mediumFolder);
  const kind = await lstat(folder).catch(() => undefined);
  if (!kind) return nothingOfOurs;
  if (!kind.isDirectory()) throw appError('pack.foreign-folder', { path: folder });
  const names = await readdir(folder);
  if (names.length === 0) return nothingOfOurs;
  if (await isPlainFile(join(path, unfinishedPath))) {
    const mark = await readMark(path).catch(() => undefined);
    await refuseBusy(path, mark);
    const isResumed = interrupted !== undefined && mark?.bundleId === interrupted.id;
    return { isReplaced: true, isMarked: true, isResumed };
  }
  const envelope = join(path, mediumEnvelopePath);
  if (!(await isPlainFile(envelope))) throw appError('pack.foreign-folder', { path: folder });
  // A kill while the marks are removed leaves a medium that is whole among others that are marked.
  const isResumed = interrupted?.sealed.includes(await hashOf(envelope)) ?? false;
  if (!overwrite && !isResumed) throw appError('pack.medium-in-use', { path });
  return { isReplaced: true, isMarked: false, isResumed };
}

async function hashOf(envelope: string): Promise<string> {
  return sha256Hex((await readBounded(envelope, maxEnvelopeBytes)) ?? '');
}

/** A page that is not ours is never replaced. One that cannot be read may not be ours: its error is thrown. */
async function refuseForeignPage(path: string, name: string, mark: string): Promise<void> {
  const foreign = (cause?: unknown) => appError('pack.foreign-folder', { path: join(path, name) }, cause);
  const page = await readPage(path, name).catch((error) => {
    throw ['bundle.link', 'file.too-large'].includes(error.code) ? foreign(error) : error;
  });
  if (page && !page.includes(mark)) throw foreign();
}

async function readPage(path: string, name: string): Promise<Buffer | undefined> {
  const file = await openMediumFile(path, name);
  try {
    return file && (await readAtMost(file, path, maxPageBytes));
  } finally {
    await closeFile(file);
  }
}

/** True when a path below a medium's root consists of folders only: a link on a hostile medium is never followed. */
export async function isPlainFolder(root: string, path: string): Promise<boolean> {
  let here = root;
  for (const segment of path.split('/')) {
    here = join(here, segment);
    if (!(await lstat(here).catch(() => undefined))?.isDirectory()) return false;
  }
  return true;
}

/** False for a missing file. A link, pipe or folder in the place of a file of ours is `pack.foreign-folder`. */
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
