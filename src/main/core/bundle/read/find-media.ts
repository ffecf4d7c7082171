import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { appError } from '../../../../shared/errors/app-error.ts';
import { fileError } from '../../files/file-error.ts';
import { someEntries } from '../../files/list-folder.ts';
import { pathExists } from '../../files/path-exists.ts';
import { mediumEnvelopePath, mediumFolder } from '../format/format.ts';
import { repairFolder } from '../format/repair-request.ts';

/** A bundle has at most as many media. */
const maxMedia = 999;
/** A folder with more entries holds no media next to each other. */
const maxEntries = 10_000;
/** Marks a medium that is being packed. */
const unfinishedPath = `${mediumFolder}/UNFINISHED`;

/**
 * The roots of the media that the folders name: each a root itself, its folder `sealift`, or a folder that directly holds roots. Folders
 * with blocks for a repair may be among them.
 * Each root once. Throws `file.missing` for a missing folder, `bundle.not-a-bundle` for one without media,
 * `bundle.unfinished` for media whose packing was interrupted.
 */
export async function findMedia(dirs: readonly string[]): Promise<string[]> {
  const roots = new Set<string>();
  for (const dir of dirs) {
    for (const root of await mediaBelow(dir)) {
      if (await pathExists(join(root, unfinishedPath))) throw appError('bundle.unfinished', { path: root });
      roots.add(await realpath(root));
    }
  }
  if (roots.size === 0 && dirs.length > 0) {
    const problem = 'it holds only blocks to repair media with: name these media too';
    throw appError('bundle.not-a-bundle', { path: dirs[0] ?? '', problem });
  }
  if (roots.size > maxMedia) {
    const problem = `${roots.size} media were found, and a bundle has at most ${maxMedia}`;
    throw appError('bundle.not-a-bundle', { path: dirs[0] ?? '', problem });
  }
  return [...roots];
}

/** Those of the folders that hold blocks which were brought again for damaged media. */
export async function findRepairs(dirs: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    dirs.map(async (dir) => ((await pathExists(join(dir, repairFolder))) ? dir : undefined)),
  );
  return found.filter((dir) => dir !== undefined);
}

async function mediaBelow(dir: string): Promise<string[]> {
  const isFolder = await stat(dir).then(
    (one) => one.isDirectory(),
    (error) => {
      throw fileError(dir, 'read', error, 'The medium');
    },
  );
  if (!isFolder) throw appError('bundle.not-a-bundle', { path: dir, problem: 'it is no folder' });
  if (await isMedium(dir)) return [dir];
  if (basename(dir) === mediumFolder && (await isMedium(dirname(dir)))) return [dirname(dir)];
  const found: string[] = [];
  const entries = await someEntries(dir, maxEntries).catch((error) => {
    throw fileError(dir, 'read', error);
  });
  if (entries.length === maxEntries)
    throw appError('bundle.not-a-bundle', { path: dir, problem: `it has ${maxEntries} entries or more` });
  for (const entry of entries) {
    if (entry.isDirectory() && (await isMedium(join(dir, entry.name)))) found.push(join(dir, entry.name));
  }
  if (found.length > 0 || (await pathExists(join(dir, repairFolder)))) return found.sort();
  throw appError('bundle.not-a-bundle', {
    path: dir,
    problem: `neither it nor a folder in it has ${mediumEnvelopePath}`,
  });
}

async function isMedium(root: string): Promise<boolean> {
  return (await pathExists(join(root, mediumEnvelopePath))) || pathExists(join(root, unfinishedPath));
}
