import { join } from 'node:path';
import { appError } from '../../../../shared/errors/app-error.ts';
import { closeFile } from '../../files/close-file.ts';
import { readAtMost } from '../../files/read-bounded.ts';
import { maxNoticesBytes, noticeLines, parseNoticeLines, type SignedNotice } from '../../signing/key-notices.ts';
import { noticesFile } from '../format/format.ts';
import { openMediumFile } from '../format/open-medium-file.ts';

/** The media of a bundle carry the same notices, at most 100. */
const maxLines = 1000;

/**
 * Reads the notices about keys that media carry, each once. They have signatures of their own, so nothing else of the media is read first.
 * Throws `bundle.malformed` for more of them than any bundle carries: to leave some out could leave out a revocation.
 */
export async function readMediaNotices(roots: readonly string[]): Promise<SignedNotice[]> {
  const lines = new Set<string>();
  for (const root of roots) {
    for (const line of await linesOf(root)) lines.add(line);
    if (lines.size <= maxLines) continue;
    const problem = `with it, the media carry more than ${maxLines} different notices about keys`;
    throw appError('bundle.malformed', { path: join(root, noticesFile), problem });
  }
  return parseNoticeLines([...lines]);
}

async function linesOf(root: string): Promise<string[]> {
  const file = await openMediumFile(root, noticesFile);
  if (!file) return [];
  try {
    return noticeLines(await readAtMost(file, join(root, noticesFile), maxNoticesBytes));
  } finally {
    await closeFile(file);
  }
}
