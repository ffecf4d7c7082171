import { create } from 'zustand';
import type { Carrier } from '../../shared/contract/media.ts';
import { core, feed } from './core.ts';
import type { ShownError } from './shown-error.ts';
import { change } from './wizard.ts';

/** The media of this machine; undefined until it was looked. */
export const useMedia = create<{ carriers?: Carrier[]; error?: ShownError }>(() => ({}));

let isFollowing = false;

/** Begins to look for media, once for the life of the page. */
export function followMedia(): void {
  if (isFollowing) return;
  isFollowing = true;
  feed(
    core().media.watch({}),
    ({ carriers }) => useMedia.setState({ carriers }),
    (error) => useMedia.setState({ error }),
  );
}

/** Takes a folder among the media, for this window and later ones; false when that failed. */
export function addMediaDir(path: string): Promise<boolean> {
  return change({ addMediaDirs: [path] });
}

/** Looks at a folder that was added no more. */
export function removeMediaDir(path: string): Promise<boolean> {
  return change({ removeMediaDirs: [path] });
}
