import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError } from '../files/file-error.ts';
import { writeWhole } from '../files/write-whole.ts';
import type { evidenceFiles, SitePaths } from './site-paths.ts';

/** Writes a job's result to the site's evidence, whole or not at all, mode 0600. Returns the path. */
export async function writeEvidence(
  paths: SitePaths,
  name: (typeof evidenceFiles)[number],
  value: unknown,
): Promise<string> {
  const path = join(paths.evidence, name);
  await writeWhole(path, `${JSON.stringify(value, null, 2)}\n`, { folderMode: 0o700 });
  return path;
}

/** Removes a result that is no longer true. */
export async function removeEvidence(paths: SitePaths, name: (typeof evidenceFiles)[number]): Promise<void> {
  const path = join(paths.evidence, name);
  await rm(path, { force: true }).catch((error) => {
    throw fileError(path, 'write', error);
  });
}
