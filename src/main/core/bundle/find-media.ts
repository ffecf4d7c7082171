import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { appError } from '../../../shared/errors/app-error.ts';
import { fileError } from '../files/file-error.ts';
import { mediumEnvelopePath, mediumFolder } from './format.ts';

/** Lies on a medium while it is being packed. */
const unfinishedPath = `${mediumFolder}/UNFINISHED`;

/**
 * The roots of the media that the folders name: each a root itself, its folder `sealift`, or a folder that directly holds roots.
 * Each root once. `file.missing` for a folder that is not there, `bundle.not-a-bundle` for one without media,
 * `bundle.unfinished` for media whose packing did not end.
 */
export async function findMedia(dirs: readonly string[]): Promise<string[]> {
  const roots = new Set<string>();
  for (const dir of dirs) {
    for (const root of await mediaBelow(dir)) {
      if (await isThere(root, unfinishedPath)) throw appError('bundle.unfinished', { path: root });
      roots.add(await realpath(root));
    }
  }
  return [...roots];
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
  for (const entry of await readdir(dir, { withFileTypes: true }).catch((error) => {
    throw fileError(dir, 'read', error);
  })) {
    if (entry.isDirectory() && (await isMedium(join(dir, entry.name)))) found.push(join(dir, entry.name));
  }
  if (found.length > 0) return found.sort();
  throw appError('bundle.not-a-bundle', {
    path: dir,
    problem: `neither it nor a folder in it has ${mediumEnvelopePath}`,
  });
}

async function isMedium(root: string): Promise<boolean> {
  return (await isThere(root, mediumEnvelopePath)) || isThere(root, unfinishedPath);
}

function isThere(root: string, path: string): Promise<boolean> {
  return lstat(join(root, path)).then(
    () => true,
    () => false,
  );
}
