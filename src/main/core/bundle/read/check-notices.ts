import { toPart } from '../format/blob-parts.ts';
import { noticesFile } from '../format/format.ts';
import type { OpenBundle } from './open-media.ts';
import { readBlocks } from './read-blocks.ts';

/**
 * Checks that inserted media still hold the notices about keys that their signed lists name: whoever takes them away would keep a revoked
 * key trusted. Throws `bundle.missing-file` or `bundle.damaged`.
 */
export async function checkNotices({ media }: Pick<OpenBundle, 'media'>, signal: AbortSignal): Promise<void> {
  for (const medium of media) {
    const listed = medium.payload.files.find(({ path }) => path === noticesFile);
    if (!listed || medium.root === undefined) continue;
    for await (const _block of readBlocks(toPart(medium, listed), { signal }));
  }
}
