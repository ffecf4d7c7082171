import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { appError } from '../../../shared/errors/app-error.ts';
import { makeFolder } from '../files/make-folder.ts';

/** Where everything of a rehearsal lies. Only `report` stays when it is over. */
export interface RehearsalFolder {
  root: string;
  mark: string;
  /** Data folder of the disconnected side. */
  home: string;
  /** Data folder of the connected side: it holds the packer's key. */
  packerHome: string;
  source: string;
  media: string[];
  bundleFile: string;
  siteFile: string;
  report: string;
}

const markName = '.sealift-rehearsal';

/** The layout below a folder. */
export function rehearsalFolder(root: string): RehearsalFolder {
  return {
    root,
    mark: join(root, markName),
    home: join(root, 'disconnected-side'),
    packerHome: join(root, 'connected-side', 'home'),
    source: join(root, 'connected-side', 'source'),
    media: [join(root, 'media', 'stick-1'), join(root, 'media', 'stick-2')],
    bundleFile: join(root, 'connected-side', 'bundle.yaml'),
    siteFile: join(root, 'site.yaml'),
    report: join(root, 'report'),
  };
}

/** Makes the folder. Refuses one that holds anything but an earlier rehearsal, so that nothing of anybody is ever removed. */
export async function claimFolder(folder: RehearsalFolder): Promise<void> {
  const names: string[] = await readdir(folder.root).catch(() => []);
  const isOurs = names.includes(markName);
  if (names.length > 0 && !isOurs) throw appError('rehearse.folder-not-empty', { path: folder.root });
  try {
    await makeFolder(folder.root, 0o700);
    await writeFile(folder.mark, 'Sealift may remove everything in this folder but the report.\n');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC') throw appError('space.ran-out', { path: folder.root }, error);
    throw appError('file.denied', { path: folder.root, action: 'write' }, error);
  }
}

/** Removes all but the report and the mark. */
export async function clearFolder(folder: RehearsalFolder): Promise<void> {
  for (const path of [folder.home, join(folder.root, 'connected-side'), join(folder.root, 'media'), folder.siteFile]) {
    await rm(path, { recursive: true, force: true });
  }
}

/** True when an earlier rehearsal left a data folder behind. */
export async function hasLeftovers(folder: RehearsalFolder): Promise<boolean> {
  return (await stat(folder.home).catch(() => undefined)) !== undefined;
}
