import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { appError } from '../../../shared/errors/app-error.ts';
import type { SiteMark } from '../engine/labels.ts';
import { readBounded } from '../files/read-bounded.ts';
import { writeWhole } from '../files/write-whole.ts';
import { usedEngines } from './deployment-record.ts';
import { sitePaths } from './site-paths.ts';

const limitBytes = 1024;
// Beside the sites and not in one: a volume that uninstall keeps is still known to the next deployment of that name.
const ownerFile = (sites: string) => join(sites, '.engine-owner');

/**
 * The mark of a site's things in container engines, of which the owner is a random id of the data folder; a fresh one, kept nowhere
 * yet, before the first deployment with containers. Throws `engine.owner-lost`, `site.record-damaged`.
 */
export async function siteMark(sites: string, site: string): Promise<SiteMark> {
  const path = ownerFile(sites);
  const owner = (await readBounded(path, limitBytes))?.toString('utf8').trim();
  if (owner !== undefined && /^[0-9a-f]{32}$/.test(owner)) return { site, owner };
  const lost = (problem: string) => appError('engine.owner-lost', { path, problem });
  if (owner !== undefined) throw lost('it does not hold 32 characters of 0-9 and a-f');
  if ((await usedEngines(sitePaths(sites, site))).length > 0) throw lost('it is not there');
  return { site, owner: randomBytes(16).toString('hex') };
}

/** Keeps the owner of a mark, before anything is made under it. */
export async function keepOwner(sites: string, { owner }: Pick<SiteMark, 'owner'>): Promise<void> {
  await writeWhole(ownerFile(sites), `${owner}\n`, { folderMode: 0o700 });
}
