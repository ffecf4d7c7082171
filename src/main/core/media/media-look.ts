import { lstat, realpath, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Carrier } from '../../../shared/contract/media.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { findMedia } from '../bundle/find-media.ts';
import { mediumEnvelopePath, mediumFolder } from '../bundle/format.ts';
import { fileError } from '../files/file-error.ts';
import { type Mount, mountOf } from '../hardware/disks.ts';
import { Patience } from './patience.ts';

/** Filesystems without a medium of their own. Touching an autofs would mount what lies behind it. */
const virtual =
  /^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|efivarfs|fusectl|hugetlbfs|mqueue|nsfs|overlay|proc|pstore|ramfs|rpc_pipefs|securityfs|selinuxfs|squashfs|sysfs|tmpfs|tracefs|fuse\.(gvfsd-fuse|lxcfs|portal|snapfuse))$/;

const network = /^(9p|afs|ceph|cifs|fuse\..*|glusterfs|nfs4?|smb3?|smbfs)$/;
/**
 * A question to a dead mount never ends and holds one of Node's four threads for files until it does: so many may be open, not more,
 * or nothing of this process could read a file any more. Network mounts die more often: the second of them is not asked.
 */
const mostSilent = { network: 1, local: 3 };

/** Looks for media again and again without ever waiting for a filesystem that was silent for `timeoutMs` before. */
export class MediaLook {
  readonly #patience: Patience;

  constructor(timeoutMs: number) {
    this.#patience = new Patience(timeoutMs);
  }

  /** The media among these mounts, and what is in these folders, each root once. */
  async look(mounts: readonly Mount[], dirs: readonly string[]): Promise<Carrier[]> {
    const found: Carrier[] = [];
    for (const mount of mounts) {
      if (virtual.test(mount.filesystem)) continue;
      found.push(...((await this.#ask(mount.mountPoint, mount, () => onMount(mount.mountPoint, mounts))) ?? []));
    }
    for (const dir of dirs) {
      const added = await this.#ask(`added ${dir}`, mountOf(dir, [...mounts]), () => inFolder(dir, mounts));
      found.push(...(added ?? [broken(dir, `${dir} does not answer.`, dir)]));
    }
    // What was added by hand can also be taken away by hand: it wins over the same medium found among the mounts.
    return [...new Map(found.map((one) => [one.path, one])).values()];
  }

  #ask(key: string, mount: Mount | undefined, ask: () => Promise<Carrier[]>): Promise<Carrier[] | undefined> {
    return this.#patience.ask(key, network.test(mount?.filesystem ?? '') ? mostSilent.network : mostSilent.local, ask);
  }
}

async function onMount(path: string, mounts: readonly Mount[]): Promise<Carrier[]> {
  const folder = await lstat(join(path, mediumFolder)).catch(() => undefined);
  if (!folder?.isDirectory()) return [];
  try {
    const [root] = await findMedia([path]);
    return root === undefined ? [] : [await carrierOf(root, mounts)];
  } catch (thrown) {
    // A folder "sealift" may be anything; only a medium whose packing broke off is worth a word.
    if (thrown instanceof AppError && thrown.code === 'bundle.unfinished') return [broken(path, thrown.message)];
    return [];
  }
}

async function inFolder(dir: string, mounts: readonly Mount[]): Promise<Carrier[]> {
  try {
    const roots = await findMedia([dir]);
    return await Promise.all(roots.map(async (root) => ({ ...(await carrierOf(root, mounts)), addedAs: dir })));
  } catch (thrown) {
    const error = fileError(dir, 'read', thrown);
    return [broken(dir, error instanceof AppError ? error.message : `${dir} cannot be read.`, dir)];
  }
}

async function carrierOf(root: string, mounts: readonly Mount[]): Promise<Carrier> {
  const { blocks, bavail, bsize } = await statfs(root);
  const { dev, ino, mtimeMs } = await lstat(join(root, mediumEnvelopePath));
  return {
    path: root,
    filesystem: mountOf(await realpath(root), [...mounts])?.filesystem ?? '',
    sizeBytes: blocks * bsize,
    freeBytes: bavail * bsize,
    mark: `${dev} ${ino} ${mtimeMs}`,
  };
}

function broken(path: string, problem: string, addedAs?: string): Carrier {
  return {
    path,
    ...(addedAs !== undefined && { addedAs }),
    filesystem: '',
    sizeBytes: 0,
    freeBytes: 0,
    mark: '',
    problem,
  };
}
