import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { missing } from '../needs.ts';

/** The filesystems that sticks come with, by the programs that make and mount them here. */
const kinds = {
  FAT32: ['mkfs.vfat', 'fusefat'],
  exFAT: ['mkfs.exfat', 'mount.exfat-fuse', 'losetup'],
  ext4: ['mkfs.ext4', 'losetup'],
  NTFS: ['mkntfs', 'ntfs-3g'],
} as const;

export type StickKind = keyof typeof kinds;

/** For `skipIf`: true when a stick of this kind cannot be made on this machine, after printing why. */
export function lacksStick(kind: StickKind): boolean {
  const device = kind === 'ext4' ? '/dev/loop-control' : '/dev/fuse';
  const isRoot = process.getuid?.() === 0;
  if (missing(`${device} for root`, () => isRoot && existsSync(device), { mayBeRefused: true })) return true;
  return kinds[kind].some((program) => missing(program));
}

/** An image file with a filesystem, mounted as a stick is. */
export class SmallStick {
  readonly folder: string;
  readonly #device: string | undefined;

  private constructor(folder: string, device: string | undefined) {
    this.folder = folder;
    this.#device = device;
  }

  /** Makes the filesystem next to the folder, and mounts it there. */
  static insert(kind: StickKind, folder: string, sizeBytes: number): SmallStick {
    const image = `${folder}.img`;
    writeFileSync(image, '');
    truncateSync(image, sizeBytes);
    mkdirSync(folder);
    const run = (program: string, ...args: string[]) => execFileSync(program, args, { stdio: 'ignore' });
    if (kind === 'FAT32') {
      run('mkfs.vfat', '-F', '32', image);
      run('fusefat', '-o', 'rw+', image, folder);
      return new SmallStick(folder, undefined);
    }
    if (kind === 'NTFS') {
      run('mkntfs', '--force', '--quick', '--quiet', image);
      run('ntfs-3g', image, folder);
      return new SmallStick(folder, undefined);
    }
    const device = execFileSync('losetup', ['--find', '--show', image], { encoding: 'utf8' }).trim();
    const stick = new SmallStick(folder, device);
    if (kind === 'exFAT') {
      run('mkfs.exfat', device);
      run('mount.exfat-fuse', device, folder);
    } else {
      run('mkfs.ext4', '-q', device);
      run('mount', device, folder);
    }
    return stick;
  }

  remove(): void {
    spawnSync('umount', [this.folder]);
    if (this.#device !== undefined) spawnSync('losetup', ['--detach', this.#device]);
  }
}
