import { access, constants, readFile, realpath, stat, statfs } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Disk } from '../../../shared/machine.ts';
import { nearestExisting } from '../files/nearest-existing.ts';
import { firstShownLine } from '../processes/shown-line.ts';
import { within } from '../processes/within.ts';
import { askLibrary } from './ask-library.ts';
import { type Collected, unknownFact } from './collected.ts';
import type { SystemView } from './system-view.ts';

/** One mounted filesystem. */
export interface Mount {
  mountPoint: string;
  filesystem: string;
  /** Major and minor number of its device, `8:1`; absent if unknown. */
  device?: string;
}

/** Reads `/proc/self/mountinfo`; mount points have their octal escapes undone. Lines of another shape are left out. */
export function parseMountinfo(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const [left, right] = line.split(' - ');
    const [, , device, , mountPoint] = left?.split(' ') ?? [];
    const filesystem = right?.split(' ')[0];
    return mountPoint?.startsWith('/') && filesystem
      ? [{ mountPoint: unescapeOctal(mountPoint), filesystem, ...(device && { device }) }]
      : [];
  });
}

/** Returns the mount that contains a path: the longest mount point above it; of equal ones the last, which is on top. */
export function mountOf(path: string, mounts: Mount[]): Mount | undefined {
  const above = mounts.filter(
    ({ mountPoint }) => mountPoint === '/' || path === mountPoint || path.startsWith(`${mountPoint}/`),
  );
  return above.reduce<Mount | undefined>(
    (best, one) => (best && best.mountPoint.length > one.mountPoint.length ? best : one),
    undefined,
  );
}

/**
 * Examines the filesystem of a folder. A store that does not exist yet is on that of the nearest folder above it. An
 * engine's folder that is not visible here is elsewhere (in a virtual machine, for example) and unknown.
 */
export async function collectDisk(view: SystemView, use: Disk['use'], path: string): Promise<Collected<Disk | null>> {
  const { timeoutMs } = view;
  const place = use === 'store' ? await within(timeoutMs, nearestExisting(resolve(path))) : path;
  const existing = place && (await within(timeoutMs, realpath(place)));
  const stats = existing && (await within(timeoutMs, statfs(existing)));
  if (!existing || !stats || stats.blocks === 0) {
    const why = existing
      ? `The filesystem of ${path} did not answer in time or has no size.`
      : `${path} is not accessible.`;
    return { facts: null, notKnown: [unknownFact(`disk-${use}`, why)] };
  }
  const mount = mountOf(existing, await listMounts(timeoutMs));
  const facts: Disk = {
    use,
    path,
    mountPoint: mount?.mountPoint.slice(0, 500) ?? null,
    filesystem: mount ? firstShownLine(mount.filesystem) : null,
    sizeBytes: stats.blocks * stats.bsize,
    freeBytes: stats.bavail * stats.bsize,
    isRotational: mount?.device ? await isRotational(view, mount.device) : null,
    access: use === 'store' ? ((await within(timeoutMs, accessOf(existing))) ?? null) : null,
  };
  return { facts, notKnown: [] };
}

/** Returns whether the disk with this device number rotates, as the kernel reports it. Null for numbers that belong to no disk. */
export async function isRotational(view: Pick<SystemView, 'text'>, device: string): Promise<boolean | null> {
  const text = await diskText(view, device, 'queue/rotational');
  return text === '1' ? true : text === '0' ? false : null;
}

/**
 * Returns what the kernel says of the disk with this device number, without white space; a partition has the answer of its disk. Undefined for
 * numbers that belong to no disk (btrfs, overlays, networks, memory).
 */
export async function diskText(
  view: Pick<SystemView, 'text'>,
  device: string,
  name: 'removable' | 'queue/rotational',
): Promise<string | undefined> {
  if (!/^\d{1,4}:\d{1,7}$/.test(device) || device.startsWith('0:')) return undefined;
  const folder = `/sys/dev/block/${device}`;
  return ((await view.text(`${folder}/${name}`)) ?? (await view.text(`${folder}/../${name}`)))?.trim();
}

/** Returns every mounted filesystem, or none if the system does not answer in time. */
export async function listMounts(timeoutMs: number): Promise<Mount[]> {
  if (process.platform === 'linux') {
    return parseMountinfo((await within(timeoutMs, readFile('/proc/self/mountinfo', 'utf8'))) ?? '');
  }
  const sizes =
    (await within(
      timeoutMs,
      askLibrary((si) => si.fsSize()),
    )) ?? [];
  return sizes.map((one) => ({ mountPoint: one.mount, filesystem: one.type }));
}

async function accessOf(existing: string): Promise<Disk['access']> {
  if (!(await stat(existing)).isDirectory()) return 'not-a-folder';
  return access(existing, constants.W_OK).then(
    () => 'writable',
    () => 'not-writable',
  );
}

function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_all, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
