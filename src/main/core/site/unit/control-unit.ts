import { appError } from '../../../../shared/errors/app-error.ts';
import type { SitePaths } from '../../sites/site-paths.ts';
import { systemctl } from './systemctl.ts';
import { ownUnits, type UnitPlace } from './unit-place.ts';

/** More than the unit's own limit for a stop. */
const stopMs = 90_000;

/** The unit that runs the service of a site. */
export interface LoadedUnit extends UnitPlace {
  /** True when systemd runs it, or will restart it soon. */
  isActive: boolean;
  /** True when its process runs, as far as systemd knows. */
  hasProcess: boolean;
}

/**
 * Returns the site's unit, if it has one that systemd has loaded: then only systemd starts and stops the service. Throws as `systemctl`
 * does: a site whose unit is unknown must not be started beside it.
 */
export async function loadedUnit(
  { name, folder }: Pick<SitePaths, 'name' | 'folder'>,
  signal: AbortSignal,
): Promise<LoadedUnit | undefined> {
  for (const place of await ownUnits(name, folder)) {
    const properties = '--property=LoadState,ActiveState,MainPID';
    const told = await systemctl(place.scope, ['show', properties, place.name], signal);
    if (told === undefined) continue;
    const value = (property: string) => new RegExp(`^${property}=(.*)$`, 'm').exec(told)?.[1] ?? '';
    if (value('LoadState') !== 'loaded') continue;
    const isActive = !['inactive', 'failed'].includes(value('ActiveState'));
    return { ...place, isActive, hasProcess: Number(value('MainPID')) > 0 };
  }
  return undefined;
}

/** Makes systemd start or stop a unit, and waits until it has. Throws `unit.refused`, or the signal's reason. */
export async function controlUnit(
  { scope, name }: UnitPlace,
  verb: 'start' | 'stop',
  signal: AbortSignal,
): Promise<void> {
  const told = await systemctl(scope, [verb, '--no-ask-password', name], signal, stopMs);
  if (told !== undefined) return;
  const isUser = scope === 'user';
  const command = `systemctl ${isUser ? '--user ' : ''}${verb} ${name}`;
  throw appError('unit.refused', { command, isUser, problem: 'systemd no longer responds' });
}
