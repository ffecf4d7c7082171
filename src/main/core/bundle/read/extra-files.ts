import { join } from 'node:path';
import { steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import { someEntries } from '../../files/list-folder.ts';
import { mediumFolder, noticesFile, unlistedFiles } from '../format/format.ts';
import type { OpenBundle } from './open-media.ts';

const maxFiles = 1000;
const shownPaths = 5;

/**
 * Returns an amber finding about the files in the media's folders `sealift` that no signed list names, such as those that an
 * operating system leaves behind. Neither verify nor import reads them. Undefined when there are none.
 */
export async function extraFilesFinding(open: OpenBundle): Promise<Finding | undefined> {
  const found: string[] = [];
  for (const { label, root, payload } of open.media) {
    if (root === undefined) continue;
    const listed = new Set(payload.files.map((file) => file.path));
    found.push(...(await extraFiles(root, listed)).map((path) => `${label}: ${path}`));
  }
  if (found.length === 0) return undefined;
  const more = found.length > shownPaths ? ` and ${found.length - shownPaths} more` : '';
  return {
    id: 'bundle.extra-files',
    severity: 'amber',
    title: `${countOf(found.length)} not in the signed lists and will be ignored: ${found.slice(0, shownPaths).join(', ')}${more}.`,
    consequence: 'Sealift reads signed files only. Nothing in these files was checked.',
    remedies: [steps('Do not open or run them. Remove them if no one knows where they come from.')],
  };
}

function countOf(found: number): string {
  if (found === 1) return '1 file is';
  return `${found >= maxFiles ? `At least ${maxFiles}` : found} files are`;
}

/** The unlisted files in a medium's folder `sealift`, by paths below the root. Links are listed too, but not followed. */
async function extraFiles(root: string, listed: ReadonlySet<string>): Promise<string[]> {
  const folders = new Set([mediumFolder]);
  for (const path of listed) {
    const segments = path.split('/');
    for (let end = 1; end < segments.length; end += 1) folders.add(segments.slice(0, end).join('/'));
  }
  const found: string[] = [];
  // Everything listed may come first.
  const limit = listed.size + maxFiles + 10;
  const visit = async (folder: string): Promise<void> => {
    for (const entry of await someEntries(join(root, folder), limit).catch(() => [])) {
      if (found.length >= maxFiles) return;
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory() && folders.has(path)) await visit(path);
      else if (!listed.has(path) && !unlistedFiles.includes(path) && path !== noticesFile) found.push(path);
    }
  };
  await visit(mediumFolder);
  return found;
}
