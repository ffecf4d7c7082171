import { lstat, realpath, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Carrier } from '../../../shared/contract/media.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { mediumEnvelopePath, mediumFolder } from '../bundle/format/format.ts';
import { findMedia } from '../bundle/read/find-media.ts';
import { fileError } from '../files/file-error.ts';
import { type Mount, mountOf } from '../hardware/disks.ts';
import { MountQuestions } from './mount-questions.ts';

/** Filesystems without a medium of their own. Touching an autofs would mount what is behind it. */
const virtual =
  /^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|efivarfs|fusectl|hugetlbfs|mqueue|nsfs|overlay|proc|pstore|ramfs|rpc_pipefs|securityfs|selinuxfs|squashfs|sysfs|tmpfs|tracefs|fuse\.(gvfsd-fuse|lxcfs|portal|snapfuse))$/;

/** Returns whether a filesystem has no medium of its own. */
export function isVirtual({ filesystem }: Mount): boolean {
  return virtual.test(filesystem);
}

/** Filesystems on another machine: they die more often than media. */
const network = /^(9p|afs|ceph|cifs|fuse\..*|glusterfs|nfs4?|smb3?|smbfs)$/;
/** Returns whether a filesystem is on another machine, or may be: a FUSE driver can be anything. */
export function isNetwork({ filesystem }: Mount): boolean {
  return network.test(filesystem);
}

/**
 * The most questions that may be open. One to a dead mount never ends and holds one of Node's four threads for files: with more of them,
 * this process could read no file. Network mounts die more often, so a second one is not asked.
 */
const mostSilent = { network: 1, local: 3 };

/** Finds media repeatedly, and never waits again for a filesystem that did not answer within `timeoutMs`. */
export class CarrierFinder {
  readonly #questions: MountQuestions;

  constructor(timeoutMs: number) {
    this.#questions = new MountQuestions(timeoutMs);
  }

  /** Returns the media among these mounts and in these folders, each root once. */
  async find(mounts: readonly Mount[], dirs: readonly string[]): Promise<Carrier[]> {
    const found: Carrier[] = [];
    for (const mount of mounts) {
      if (isVirtual(mount)) continue;
      found.push(...((await this.#ask(mount.mountPoint, mount, () => onMount(mount.mountPoint, mounts))) ?? []));
    }
    for (const dir of dirs) {
      const added = await this.#ask(`added ${dir}`, mountOf(dir, [...mounts]), () => inFolder(dir, mounts));
      found.push(...(added ?? [broken(dir, `${dir} does not answer.`, dir)]));
    }
    // A medium added by hand can be removed by hand, so it replaces the same medium found among the mounts.
    return [...new Map(found.map((one) => [one.path, one])).values()];
  }

  #ask(key: string, mount: Mount | undefined, ask: () => Promise<Carrier[]>): Promise<Carrier[] | undefined> {
    return this.#questions.ask(key, mount && isNetwork(mount) ? mostSilent.network : mostSilent.local, ask);
  }
}

async function onMount(path: string, mounts: readonly Mount[]): Promise<Carrier[]> {
  const folder = await lstat(join(path, mediumFolder)).catch(() => undefined);
  if (!folder?.isDirectory()) return [];
  try {
    const [root] = await findMedia([path]);
    return root === undefined ? [] : [await carrierOf(root, mounts)];
  } catch (thrown) {
    // A folder "sealift" may be anything; only a medium with an unfinished bundle is reported.
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
