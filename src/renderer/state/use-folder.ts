import { useState } from 'react';
import type { contract } from '../../shared/contract/index.ts';
import type { OutputOf } from '../../shared/rpc/contract.ts';
import { core } from './core.ts';
import { latestOnly } from './latest-only.ts';
import { type ShownError, toShownError } from './shown-error.ts';

/** The contents of a folder on the machine where Sealift runs. */
export type Folder = OutputOf<(typeof contract)['files']['list']>;

/** Folders to start choosing at. */
export interface StartFolders {
  /** Mount points of removable media. */
  media: readonly string[];
  /** Folders of earlier answers; first the one that was used last in this window. */
  recent: readonly string[];
}

interface Seen {
  folder?: Folder;
  error?: ShownError;
  starts?: StartFolders;
}

/* Of all fields of this window: files that belong together are often in one folder. */
let usedLast: string | undefined;

/** Remembers the folder that something was chosen in. */
export function rememberFolder(path: string): void {
  usedLast = path;
}

/** Returns the current folder, functions to open another, and where to start. Only the result of the latest call is used. */
export function useFolder(): Seen & {
  open(path?: string): Promise<void>;
  start(atMedia: boolean, path: string | undefined): Promise<void>;
} {
  const [seen, setSeen] = useState<Seen>({});
  const [begin] = useState(latestOnly);
  const open = async (path?: string) => {
    const isLast = begin();
    const set = (next: Seen) => isLast() && setSeen(({ starts }) => ({ ...(starts && { starts }), ...next }));
    try {
      set({ folder: await core().files.list(path ? { path } : {}) });
    } catch (error) {
      set({ error: toShownError(error) });
    }
  };
  const start = async (atMedia: boolean, path: string | undefined) => {
    const isLast = begin();
    const starts = await startFolders();
    setSeen((now) => ({ ...now, starts }));
    if (isLast()) await open(path ?? (atMedia ? starts.media[0] : undefined));
  };
  return { ...seen, open, start };
}

/* Without them, choosing starts in the home folder. */
async function startFolders(): Promise<StartFolders> {
  const { media, recent } = await core()
    .media.places({})
    .catch((): StartFolders => ({ media: [], recent: [] }));
  const last = usedLast === undefined || media.includes(usedLast) ? [] : [usedLast];
  return { media, recent: [...new Set([...last, ...recent])] };
}
