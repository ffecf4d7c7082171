import { lstat } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { readBounded } from '../files/read-bounded.ts';

export type UnitScope = 'system' | 'user';

/** Where the unit of a site lies, and what makes systemd start it. */
export interface UnitPlace {
  scope: UnitScope;
  name: string;
  path: string;
  /** The link by which the unit is enabled. */
  link: string;
  /** The target that pulls it in. */
  target: string;
}

const limitBytes = 64 * 1024;

/** The place of a site's unit. */
export function unitPlace(site: string, scope: UnitScope): UnitPlace {
  const own = join(process.env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'systemd', 'user');
  const folder = scope === 'system' ? '/etc/systemd/system' : own;
  const target = scope === 'system' ? 'multi-user.target' : 'default.target';
  const name = `sealift-${site}.service`;
  return { scope, name, path: join(folder, name), link: join(folder, `${target}.wants`, name), target };
}

/** The first line of a unit: it says whose it is. */
export function unitMark(siteFolder: string): string {
  return `# Made by Sealift for the site in ${siteFolder}`;
}

/** Whose unit lies at a place: of the site in this folder, somebody else's, or none. Throws what keeps it from being read. */
export async function unitOwner({ path }: UnitPlace, siteFolder: string): Promise<'own' | 'foreign' | undefined> {
  const text = (await readBounded(path, limitBytes))?.toString();
  if (text === undefined) return undefined;
  return text.split('\n', 1)[0] === unitMark(siteFolder) ? 'own' : 'foreign';
}

/** The units of the site in this folder, wherever they lie. One that cannot be read counts as somebody else's. */
export async function ownUnits(site: string, siteFolder: string): Promise<UnitPlace[]> {
  const places = (['system', 'user'] as const).map((scope) => unitPlace(site, scope));
  const owners = await Promise.all(places.map((place) => unitOwner(place, siteFolder).catch(() => 'foreign')));
  return places.filter((_place, at) => owners[at] === 'own');
}

/** Whether the service of a site comes back after a reboot: `at-login` when a unit of a user waits for that user to log in. */
export async function afterReboot(site: string, siteFolder: string): Promise<'starts' | 'at-login' | 'stays-down'> {
  const units = await ownUnits(site, siteFolder);
  const enabled = await Promise.all(units.map(async ({ link, scope }) => ((await isThere(link)) ? scope : undefined)));
  if (enabled.includes('system')) return 'starts';
  if (!enabled.includes('user')) return 'stays-down';
  return (await lingers()) ? 'starts' : 'at-login';
}

/** True when systemd starts this user's units at boot. */
export function lingers(): Promise<boolean> {
  return isThere(join('/var/lib/systemd/linger', userInfo().username));
}

async function isThere(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined;
}
