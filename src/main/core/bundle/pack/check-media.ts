import { join } from 'node:path';
import { appError } from '../../../../shared/errors/app-error.ts';
import type { Work } from '../../work.ts';
import type { PackThread } from './pack-thread.ts';
import type { PackMedium } from './write-medium.ts';

/** Reads every written file back and compares its blocks. Throws `pack.read-back-differs`, `medium.gone`. */
export async function checkMedia(
  media: PackMedium[],
  thread: PackThread,
  work: Work,
): Promise<{ readBack: 'direct' | 'cached'; bytesReadBack: number }> {
  work.step('read-back', 'Reading the media back');
  const all = media.flatMap((medium) => medium.allFiles().map((file) => ({ medium, file })));
  const total = all.reduce((sum, { file }) => sum + file.sizeBytes, 0);
  let done = 0;
  let isDirect = true;
  for (const { medium, file } of all) {
    work.signal.throwIfAborted();
    const path = join(medium.target.path, file.path);
    const result = await thread.readBack({ path, sizeBytes: file.sizeBytes, blocks: file.blocks }, (bytes) => {
      done += bytes;
      work.progress({ done, total, unit: 'bytes', item: medium.label });
    });
    isDirect &&= result.isDirect;
    if (result.differentBlock !== undefined) {
      throw appError('pack.read-back-differs', { path: file.path, label: medium.label, block: result.differentBlock });
    }
  }
  if (!isDirect) work.warn('The media were read back through the page cache: their filesystem offers no way past it.');
  return { readBack: isDirect ? 'direct' : 'cached', bytesReadBack: total };
}
