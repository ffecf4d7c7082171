import { execFile } from 'node:child_process';
import { rm, symlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { appError } from '../../../../shared/errors/app-error.ts';
import { fileError } from '../../files/file-error.ts';
import { makeFolder } from '../../files/make-folder.ts';
import { writeWhole } from '../../files/write-whole.ts';
import { systemctl } from './systemctl.ts';
import { ownUnits, type UnitPlace, type UnitScope, unitOwner } from './unit-place.ts';
import { type UnitFacts, unitText } from './unit-text.ts';

const run = promisify(execFile);
const timeoutMs = 15_000;

/**
 * Writes a site's unit and enables it without starting or stopping anything. Throws `unit.no-systemd` and `unit.refused` before anything
 * is written, `unit.taken`, `file.denied`. `start` is the command line that starts the site without systemd.
 */
export async function installUnit(
  place: UnitPlace,
  facts: UnitFacts,
  start: string,
  signal: AbortSignal,
): Promise<void> {
  if (!(await reload(place.scope, signal))) throw appError('unit.no-systemd', { site: facts.site, start });
  if ((await unitOwner(place, facts.siteFolder)) === 'foreign')
    throw appError('unit.taken', { site: facts.site, path: place.path });
  await writeWhole(place.path, unitText(place, facts), { mode: 0o644, folderMode: 0o755 });
  try {
    await makeFolder(dirname(place.link), 0o755);
    // What `systemctl enable` does.
    await rm(place.link, { force: true });
    await symlink(place.path, place.link);
  } catch (error) {
    throw fileError(place.link, 'write', error);
  }
  await reload(place.scope, signal);
}

/**
 * Removes the units of the site in this folder and returns their paths. What is running continues. Throws `file.denied`, and `unit.refused`
 * when they are removed but systemd did not take note.
 */
export async function removeUnits(site: string, siteFolder: string, signal: AbortSignal): Promise<string[]> {
  const units = await ownUnits(site, siteFolder);
  for (const { link, path } of units)
    for (const one of [link, path])
      await rm(one, { force: true }).catch((error) => {
        throw fileError(one, 'write', error);
      });
  for (const { scope } of units) await reload(scope, signal);
  return units.map((one) => one.path);
}

/** Asks systemd to start this user's units at boot; false when it does not, as it may need an administrator. */
export function letLinger(): Promise<boolean> {
  return run('loginctl', ['enable-linger'], { timeout: timeoutMs }).then(
    () => true,
    () => false,
  );
}

/** Makes systemd reload its units; false where there is no systemd. */
async function reload(scope: UnitScope, signal: AbortSignal): Promise<boolean> {
  return (await systemctl(scope, ['daemon-reload'], signal)) !== undefined;
}
