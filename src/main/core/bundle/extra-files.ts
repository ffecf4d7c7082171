import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { headEnvelopePath, mediumEnvelopePath, mediumFolder } from './format.ts';

const maxFound = 1000;

/** What lies in a medium's folder `sealift` but is not listed: paths below the root with sizes, links too (unfollowed). At most 1000. */
export async function extraFiles(
  root: string,
  listed: ReadonlySet<string>,
): Promise<{ path: string; sizeBytes: number }[]> {
  const folders = new Set([mediumFolder]);
  for (const path of listed) {
    const segments = path.split('/');
    for (let end = 1; end < segments.length; end += 1) folders.add(segments.slice(0, end).join('/'));
  }
  const found: { path: string; sizeBytes: number }[] = [];
  const visit = async (folder: string): Promise<void> => {
    for (const entry of await entriesOf(join(root, folder))) {
      if (found.length >= maxFound) return;
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory() && folders.has(path)) await visit(path);
      else if (!listed.has(path) && path !== mediumEnvelopePath && path !== headEnvelopePath) {
        const stat = await lstat(join(root, path)).catch(() => undefined);
        found.push({ path, sizeBytes: stat?.isFile() ? stat.size : 0 });
      }
    }
  };
  await visit(mediumFolder);
  return found;
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}
