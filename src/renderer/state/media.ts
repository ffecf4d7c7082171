import { create } from 'zustand';
import type { Carrier } from '../../shared/contract/media.ts';
import { core, feed } from './core.ts';
import type { ShownError } from './shown-error.ts';
import { change } from './wizard.ts';

/** The media connected to this machine. Undefined until the first search is done. */
export const useMedia = create<{ carriers?: Carrier[]; error?: ShownError }>(() => ({}));

let isFollowing = false;

/** Starts to watch for media. Further calls do nothing. */
export function followMedia(): void {
  if (isFollowing) return;
  isFollowing = true;
  feed(
    core().media.watch({}),
    ({ carriers }) => useMedia.setState({ carriers }),
    (error) => useMedia.setState({ error }),
  );
}

/** Adds a folder to the watched media, also for later windows. Returns false if that failed. */
export function addMediaDir(path: string): Promise<boolean> {
  return change({ addMediaDirs: [path] });
}

/** Stops watching an added folder. Returns false if that failed. */
export function removeMediaDir(path: string): Promise<boolean> {
  return change({ removeMediaDirs: [path] });
}
