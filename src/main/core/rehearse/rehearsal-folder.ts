import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, appError } from '../../../shared/errors/app-error.ts';
import { fileError } from '../files/file-error.ts';
import { listFolder } from '../files/list-folder.ts';
import { makeFolder } from '../files/make-folder.ts';
import { pathExists } from '../files/path-exists.ts';
import { readBounded } from '../files/read-bounded.ts';
import { writeWhole } from '../files/write-whole.ts';
import { type Lock, takeLockIfLinks } from '../settings/lock.ts';

/** Where everything of a rehearsal is. Only `report` stays when it is over. */
export interface RehearsalFolder {
  root: string;
  mark: string;
  /** Exists while a rehearsal uses the folder. */
  lock: string;
  /** Data folder of the disconnected side. */
  home: string;
  /** Data folder of the connected side: it holds the packer's key. */
  packerHome: string;
  source: string;
  media: string[];
  bundleFile: string;
  siteFile: string;
  report: string;
  /** Records the addresses of the engines used, until each is cleared. */
  engineMark: string;
}

const markName = '.sealift-rehearsal';

/** Returns the paths below a folder. */
export function rehearsalFolder(root: string): RehearsalFolder {
  return {
    root,
    mark: join(root, markName),
    lock: join(root, '.sealift-rehearsal.lock'),
    home: join(root, 'disconnected-side'),
    packerHome: join(root, 'connected-side', 'home'),
    source: join(root, 'connected-side', 'source'),
    media: [join(root, 'media', 'stick-1'), join(root, 'media', 'stick-2')],
    bundleFile: join(root, 'connected-side', 'bundle.yaml'),
    siteFile: join(root, 'site.yaml'),
    report: join(root, 'report'),
    engineMark: join(root, 'engine'),
  };
}

const keptMark = 'Kept to look at: only `sealift rehearse --replace` removes it.\n';

/** Marks the rehearsal as kept. */
export async function markKept(folder: RehearsalFolder): Promise<void> {
  await writeWhole(folder.mark, keptMark);
}

/** Refuses a folder with a rehearsal that was kept (`rehearse.kept`). */
export async function refuseKept(folder: RehearsalFolder): Promise<void> {
  const mark = await readBounded(folder.mark, 1024);
  if (mark?.toString() === keptMark && (await hasLeftovers(folder)))
    throw appError('rehearse.kept', { path: folder.root, home: folder.home });
}

/**
 * Creates the folder, and holds its lock while `body` runs. Refuses one that contains anything but an earlier rehearsal, so that no
 * one's files are ever removed, and one in which a rehearsal runs (`rehearse.running`).
 */
export async function withFolder<T>(folder: RehearsalFolder, now: Date, body: () => Promise<T>): Promise<T> {
  const names = await listFolder(folder.root);
  const isOurs = names.includes(markName);
  if (names.length > 0 && !isOurs) throw appError('rehearse.folder-not-empty', { path: folder.root });
  if (!isOurs) await markUsed(folder);
  const lock = await takeFolderLock(folder, now);
  try {
    return await body();
  } finally {
    await lock?.release();
  }
}

/** Another data folder, which `lock.held` suggests, would meet the same lock. */
async function takeFolderLock({ root, lock }: RehearsalFolder, now: Date): Promise<Lock | undefined> {
  try {
    return await takeLockIfLinks(lock, 'sealift rehearse', now);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'lock.held') throw error;
    const { owner, since } = error.wire.details;
    throw appError('rehearse.running', { path: root, owner: String(owner), since: String(since) });
  }
}

/** Creates the folder, and marks it as one of which everything but the report may be removed. */
export async function markUsed(folder: RehearsalFolder): Promise<void> {
  try {
    await makeFolder(folder.root, 0o700);
    await writeFile(folder.mark, 'Sealift may remove everything in this folder but the report.\n');
  } catch (error) {
    throw fileError(folder.root, 'write', error);
  }
}

/** Removes everything except the report and the mark. */
export async function clearFolder(folder: RehearsalFolder): Promise<void> {
  for (const path of [folder.home, join(folder.root, 'connected-side'), join(folder.root, 'media'), folder.siteFile]) {
    await rm(path, { recursive: true, force: true });
  }
}

/** True when an earlier rehearsal left a data folder behind. */
export function hasLeftovers(folder: RehearsalFolder): Promise<boolean> {
  return pathExists(folder.home);
}
