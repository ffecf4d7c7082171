import { randomBytes } from 'node:crypto';
import { appError } from '../../../shared/errors/app-error.ts';
import type { SiteMark } from '../engine/labels.ts';
import { readBounded } from '../files/read-bounded.ts';
import { writeWhole } from '../files/write-whole.ts';
import { usedEngines } from './deployment-record.ts';
import type { SitePaths } from './site-paths.ts';

const limitBytes = 1024;

/**
 * Returns the mark of a site's objects in container engines. Its owner is a random id of the data folder; before the first
 * deployment with containers a new one that is not stored yet. Throws `engine.owner-lost`, `site.record-damaged`.
 */
export async function siteMark(paths: SitePaths): Promise<SiteMark> {
  const { name: site, engineOwner: path } = paths;
  const owner = (await readBounded(path, limitBytes))?.toString('utf8').trim();
  if (owner !== undefined && /^[0-9a-f]{32}$/.test(owner)) return { site, owner };
  const lost = (problem: string) => appError('engine.owner-lost', { path, problem });
  if (owner !== undefined) throw lost('it does not contain 32 characters of 0-9 and a-f');
  if ((await usedEngines(paths)).length > 0) throw lost('it is missing');
  return { site, owner: randomBytes(16).toString('hex') };
}

/** Stores the owner of a mark before anything is made with it. */
export async function keepOwner({ engineOwner }: SitePaths, { owner }: Pick<SiteMark, 'owner'>): Promise<void> {
  await writeWhole(engineOwner, `${owner}\n`, { folderMode: 0o700 });
}
