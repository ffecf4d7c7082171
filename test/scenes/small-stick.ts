import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

const run = (program: string, ...args: string[]) => execFileSync(program, args, { stdio: 'ignore' });

/** An image file with a filesystem, mounted as a stick is. */
export class SmallStick {
  readonly folder: string;
  readonly #kind: StickKind;
  /** The image, or the loop device that shows it. */
  readonly #device: string;

  private constructor(kind: StickKind, folder: string, device: string) {
    this.#kind = kind;
    this.folder = folder;
    this.#device = device;
  }

  /** Makes the filesystem next to the folder, and mounts it there. */
  static insert(kind: StickKind, folder: string, sizeBytes: number): SmallStick {
    const image = `${folder}.img`;
    writeFileSync(image, '');
    truncateSync(image, sizeBytes);
    mkdirSync(folder);
    const isLooped = kind === 'exFAT' || kind === 'ext4';
    const loop = () => execFileSync('losetup', ['--find', '--show', image], { encoding: 'utf8' }).trim();
    const stick = new SmallStick(kind, folder, isLooped ? loop() : image);
    if (kind === 'FAT32') run('mkfs.vfat', '-F', '32', image);
    else if (kind === 'NTFS') run('mkntfs', '--force', '--quick', '--quiet', image);
    else if (kind === 'exFAT') run('mkfs.exfat', stick.#device);
    else run('mkfs.ext4', '-q', stick.#device);
    stick.#mount();
    return stick;
  }

  /** Takes it out while it is used: from now on its folder is empty, or cannot be used where the driver is in user space. */
  pull(): void {
    if (this.#kind === 'ext4') {
      run('umount', '--lazy', this.folder);
      return;
    }
    const connections = `${this.folder}.connections`;
    mkdirSync(connections, { recursive: true });
    run('mount', '-t', 'fusectl', 'none', connections);
    const { dev } = statSync(this.folder);
    // The connection is named by its device as the kernel counts it, which is not how programs see it.
    const [major, minor] = [(dev >> 8) & 0xfff, (dev & 0xff) | ((dev >> 12) & 0xfff00)];
    try {
      writeFileSync(join(connections, String(major * 2 ** 20 + minor), 'abort'), '1');
    } finally {
      run('umount', connections);
    }
  }

  /** Brings it back after `pull`. */
  plugIn(): void {
    spawnSync('umount', [this.folder]);
    this.#mount();
  }

  remove(): void {
    spawnSync('umount', [this.folder]);
    if (this.#device.startsWith('/dev/')) spawnSync('losetup', ['--detach', this.#device]);
  }

  #mount(): void {
    if (this.#kind === 'FAT32') run('fusefat', '-o', 'rw+', this.#device, this.folder);
    else if (this.#kind === 'NTFS') run('ntfs-3g', this.#device, this.folder);
    else if (this.#kind === 'exFAT') run('mount.exfat-fuse', this.#device, this.folder);
    else run('mount', this.#device, this.folder);
  }
}
