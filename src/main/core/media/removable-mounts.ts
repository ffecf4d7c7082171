import { diskText, type Mount } from '../hardware/disks.ts';
import type { SystemView } from '../hardware/system-view.ts';
import { isNetwork, isVirtual } from './find-carriers.ts';

/** Where desktops and people mount what they insert. Many USB disks do not count as removable for the kernel. */
const forMedia = /^(\/media\/|\/run\/media\/|\/mnt(\/|$)|\/Volumes\/|[D-Z]:)/;

/** Returns the mount points of removable media, the newest mount first. Only the kernel is asked, never the medium. */
export async function removableMounts(view: Pick<SystemView, 'text'>, mounts: readonly Mount[]): Promise<string[]> {
  const found: string[] = [];
  for (const mount of mounts) {
    if (isVirtual(mount) || isNetwork(mount)) continue;
    if (forMedia.test(mount.mountPoint) || (await isRemovable(view, mount.device))) found.unshift(mount.mountPoint);
  }
  return [...new Set(found)];
}

async function isRemovable(view: Pick<SystemView, 'text'>, device: string | undefined): Promise<boolean> {
  return device !== undefined && (await diskText(view, device, 'removable')) === '1';
}
