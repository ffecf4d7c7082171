import { join } from 'node:path';
import { readAtMost } from '../../files/read-bounded.ts';
import { maxNoticesBytes, parseNotices, type SignedNotice } from '../../signing/key-notices.ts';
import { noticesFile } from '../format/format.ts';
import { openMediumFile } from '../format/open-medium-file.ts';

/** Reads the notices about keys that a medium carries. They have signatures of their own, so nothing else of it is read first. */
export async function readMediumNotices(root: string): Promise<SignedNotice[]> {
  const file = await openMediumFile(root, noticesFile);
  if (!file) return [];
  try {
    return await parseNotices(await readAtMost(file, join(root, noticesFile), maxNoticesBytes));
  } finally {
    await file.close();
  }
}
