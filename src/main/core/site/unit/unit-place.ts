import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { pathExists } from '../../files/path-exists.ts';
import { readBounded } from '../../files/read-bounded.ts';

export type UnitScope = 'system' | 'user';

/** Where the unit of a site is, and what makes systemd start it. */
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

/** Returns the first line of a unit, which identifies its site. */
export function unitMark(siteFolder: string): string {
  return `# Made by Sealift for the site in ${siteFolder}`;
}

/** Checks whether a place holds the unit of the site in this folder, someone else's, or none. Throws when it cannot be read. */
export async function unitOwner({ path }: UnitPlace, siteFolder: string): Promise<'own' | 'foreign' | undefined> {
  const text = (await readBounded(path, limitBytes))?.toString();
  if (text === undefined) return undefined;
  return text.split('\n', 1)[0] === unitMark(siteFolder) ? 'own' : 'foreign';
}

/** Returns all units of the site in this folder. One that cannot be read counts as someone else's. */
export async function ownUnits(site: string, siteFolder: string): Promise<UnitPlace[]> {
  const places = (['system', 'user'] as const).map((scope) => unitPlace(site, scope));
  const owners = await Promise.all(places.map((place) => unitOwner(place, siteFolder).catch(() => 'foreign')));
  return places.filter((_place, at) => owners[at] === 'own');
}

/** Checks whether a site's service starts after a reboot: `at-login` when a user's unit waits for that user to log in. */
export async function afterReboot(site: string, siteFolder: string): Promise<'starts' | 'at-login' | 'stays-down'> {
  const units = await ownUnits(site, siteFolder);
  const enabled = await Promise.all(
    units.map(async ({ link, scope }) => ((await pathExists(link)) ? scope : undefined)),
  );
  if (enabled.includes('system')) return 'starts';
  if (!enabled.includes('user')) return 'stays-down';
  return (await lingers()) ? 'starts' : 'at-login';
}

/** True when systemd starts this user's units at boot. */
export function lingers(): Promise<boolean> {
  return pathExists(join('/var/lib/systemd/linger', userInfo().username));
}
