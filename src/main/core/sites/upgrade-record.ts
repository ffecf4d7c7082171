import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { shellWord } from '../../../shared/shell-word.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { fileError } from '../files/file-error.ts';
import { readBounded } from '../files/read-bounded.ts';
import { writeWhole } from '../files/write-whole.ts';
import { readSiteFile } from './read-site-file.ts';
import { type SitePaths, upgradeFiles } from './site-paths.ts';

/**
 * `upgrade.json`. `trying`: nothing has changed yet. `switching`: the new state is being deployed and probed. `returning`: the old one is
 * deployed again, because of `why`. `done`: the new state stays.
 */
const upgradeRecord = z.object({
  version: z.literal(1),
  phase: z.enum(['trying', 'switching', 'returning', 'done']),
  /** When the run that wrote this started. */
  startedAt: z.iso.datetime(),
  /** Absolute paths of the operator's site files for the old and for the new state. */
  siteFileBefore: z.string(),
  siteFile: z.string(),
  /** Its text before the upgrade, if the upgrade changes it. */
  fileBefore: z.string().optional(),
  why: z.string().optional(),
  /** Ids of the hops that answered before the upgrade. */
  hopsBefore: z.array(z.string()),
  /** The one that failed then; those after it were not asked. */
  redBefore: z.string().optional(),
});
export type UpgradeRecord = z.infer<typeof upgradeRecord>;

const limitBytes = 256 * 1024;

/** Returns the record of a site's unfinished upgrade, or of its last finished one; undefined without a readable record. */
export async function readUpgrade(
  paths: SitePaths,
  which: 'upgrade' | 'previous' = 'upgrade',
): Promise<UpgradeRecord | undefined> {
  const bytes = await readBounded(join(paths[which], upgradeFiles.record), limitBytes).catch(() => undefined);
  try {
    return bytes && upgradeRecord.parse(JSON.parse(bytes.toString('utf8')));
  } catch {
    return undefined;
  }
}

/** Writes the record of an unfinished upgrade, whole or not at all. */
export async function writeUpgrade(paths: SitePaths, record: UpgradeRecord): Promise<void> {
  await writeState(paths, 'record', `${JSON.stringify(record, null, 2)}\n`);
}

/** Writes one file of an unfinished upgrade, whole or not at all. */
export async function writeState(paths: SitePaths, file: keyof typeof upgradeFiles, text: string): Promise<void> {
  await writeWhole(join(paths.upgrade, upgradeFiles[file]), text, { folderMode: 0o700 });
}

/** Makes the state before this upgrade the one that a rollback returns to. The one before that goes. Safe to repeat. */
export async function keepPrevious(paths: SitePaths): Promise<void> {
  await changing(paths.previous, async () => {
    await rm(paths.previous, { recursive: true, force: true });
    await rename(paths.upgrade, paths.previous);
  });
}

/** Makes the last finished upgrade an unfinished one, which a rollback then undoes. */
export async function reopenPrevious(paths: SitePaths): Promise<void> {
  await changing(paths.previous, async () => {
    // What a killed run left there without a record counts for nothing.
    await rm(paths.upgrade, { recursive: true, force: true });
    await rename(paths.previous, paths.upgrade);
  });
}

/** Forgets an unfinished upgrade. The record goes first: it can't be followed without the other files. */
export async function dropUpgrade(paths: SitePaths): Promise<void> {
  await changing(paths.upgrade, async () => {
    await rm(join(paths.upgrade, upgradeFiles.record), { force: true });
    await rm(paths.upgrade, { recursive: true, force: true });
  });
}

/** Returns the commands that finish and undo a site's unfinished upgrade. */
export function upgradeCommands(site: string): { resume: string; undo: string } {
  return {
    resume: `sealift upgrade --from-store --site ${shellWord(site)}`,
    undo: `sealift rollback --site ${shellWord(site)}`,
  };
}

/** Returns the site files of the states that an upgrade or a rollback may return to. What they name must stay. */
export async function keptSiteFiles(paths: SitePaths): Promise<SiteFile[]> {
  const files = [paths.upgrade, paths.previous].map((folder) => join(folder, upgradeFiles.old));
  const read = await Promise.all(files.map((file) => readSiteFile(file).catch(() => undefined)));
  return read.flatMap((one) => (one ? [one.site] : []));
}

async function changing(path: string, change: () => Promise<void>): Promise<void> {
  await change().catch((error) => {
    throw fileError(path, 'write', error);
  });
}
