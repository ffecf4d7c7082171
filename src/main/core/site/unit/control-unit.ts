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

/** Returns the site's unit, if it has one that systemd has loaded: then only systemd starts and stops the service. */
export async function loadedUnit({ name, folder }: SitePaths): Promise<LoadedUnit | undefined> {
  for (const place of await ownUnits(name, folder)) {
    const properties = '--property=LoadState,ActiveState,MainPID';
    // Without systemd there is nothing to ask.
    const told = await systemctl(place.scope, ['show', properties, place.name]).catch(() => '');
    const value = (property: string) => new RegExp(`^${property}=(.*)$`, 'm').exec(told)?.[1] ?? '';
    if (value('LoadState') !== 'loaded') continue;
    const isActive = !['inactive', 'failed'].includes(value('ActiveState'));
    return { ...place, isActive, hasProcess: Number(value('MainPID')) > 0 };
  }
  return undefined;
}

/** Makes systemd start or stop a unit, and waits until it has. Throws `unit.refused`. */
export async function controlUnit({ scope, name }: UnitPlace, verb: 'start' | 'stop'): Promise<void> {
  await systemctl(scope, [verb, '--no-ask-password', name], stopMs).catch((error: Error & { stderr?: string }) => {
    const problem = error.stderr?.trim() || error.message;
    throw appError('unit.refused', { unit: name, verb, isUser: scope === 'user', problem }, error);
  });
}
