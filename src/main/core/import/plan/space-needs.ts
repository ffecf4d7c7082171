import type { ImportPlan } from '../../../../shared/contract/import-plan.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import { type FreeSpace, freeSpace } from '../../files/free-space.ts';
import { nearestExisting } from '../../files/nearest-existing.ts';

/** What an import writes below one folder, and the filesystem that takes it. */
export interface SpaceNeed {
  path: string;
  contentBytes: number;
  filesystem: FreeSpace;
}

/** Returns what a store needs for so many bytes of content; its folder need not exist yet. */
export async function storeNeed(store: string, contentBytes: number): Promise<SpaceNeed> {
  return { path: store, contentBytes, filesystem: await freeSpace(await nearestExisting(store)) };
}

/**
 * Returns the filesystems that store and engine need, as the preview shows them. Where they share one, it is listed once, with what
 * both need and one reserve. A filesystem that gets no content needs nothing.
 */
export function neededFilesystems(store: SpaceNeed, engine?: SpaceNeed): ImportPlan['filesystems'] {
  const isShared = engine?.filesystem.device === store.filesystem.device;
  if (!engine) return [row(store, ['store'])];
  if (!isShared) return [row(store, ['store']), row(engine, ['engine'])];
  return [row({ ...store, contentBytes: store.contentBytes + engine.contentBytes }, ['store', 'engine'])];
}

function row(
  { path, contentBytes, filesystem: { freeBytes, reserveBytes } }: SpaceNeed,
  uses: ('store' | 'engine')[],
): ImportPlan['filesystems'][number] {
  return { uses, path, neededBytes: contentBytes === 0 ? 0 : contentBytes + reserveBytes, freeBytes };
}

/** Throws `space.short` for the first filesystem that is too small. */
export function refuseShortSpace(store: SpaceNeed, engine?: SpaceNeed): void {
  for (const { uses, path, neededBytes, freeBytes } of neededFilesystems(store, engine)) {
    if (freeBytes >= neededBytes) continue;
    const folders = engine && uses.length > 1 ? [path, engine.path] : [path];
    throw appError('space.short', { path: folders.join(', '), neededBytes, freeBytes, folders });
  }
}
