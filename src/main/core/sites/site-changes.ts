import type { SiteChange } from '../../../shared/contract/site.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { pathExists } from '../files/path-exists.ts';
import { readSiteFile } from './read-site-file.ts';
import type { SitePaths } from './site-paths.ts';

/**
 * Returns what a site file changes of the one that was deployed, field by field, with defaults filled in. Undefined where none was deployed, or what
 * was deployed cannot be read.
 */
export async function siteChanges({ siteFile }: SitePaths, site: SiteFile): Promise<SiteChange[] | undefined> {
  if (!(await pathExists(siteFile))) return undefined;
  const deployed = await readSiteFile(siteFile).catch(() => undefined);
  return deployed && changesBetween(deployed.site, site);
}

/** Returns the fields in which two site files differ, in the order of the second. */
export function changesBetween(before: SiteFile, after: SiteFile): SiteChange[] {
  const [old, wanted] = [new Map(fieldsOf(before)), new Map(fieldsOf(after))];
  return [...new Set([...wanted.keys(), ...old.keys()])]
    .map((field) => ({ field, before: old.get(field) ?? null, after: wanted.get(field) ?? null }))
    .filter((one) => one.before !== one.after);
}

function fieldsOf(value: unknown, at = ''): [string, string][] {
  if (value === undefined) return [];
  if (Array.isArray(value) && !value.some((one) => typeof one === 'object')) return [[at, value.join(', ')]];
  if (typeof value !== 'object' || value === null) return [[at, String(value)]];
  return Object.entries(value).flatMap(([key, one]) => fieldsOf(one, at === '' ? key : `${at}.${key}`));
}
