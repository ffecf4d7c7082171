import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Finding } from '../../../shared/finding.ts';
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

/** Writes a result that is worth showing in any case. Returns why it was not kept, with a remedy; undefined if it was. */
export async function keepEvidence(
  paths: SitePaths,
  name: (typeof evidenceFiles)[number],
  value: unknown,
): Promise<Finding | undefined> {
  try {
    await writeEvidence(paths, name, value);
    return undefined;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return {
      id: 'evidence.not-kept',
      severity: 'amber',
      title: `This result was not kept in ${join(paths.evidence, name)}: ${error.message}`,
      consequence: 'Status and the report still show the one before, or none.',
      remedies: error.wire.remedies,
    };
  }
}

/** Removes a result that is no longer true. */
export async function removeEvidence(paths: SitePaths, name: (typeof evidenceFiles)[number]): Promise<void> {
  const path = join(paths.evidence, name);
  await rm(path, { force: true }).catch((error) => {
    throw fileError(path, 'write', error);
  });
}
