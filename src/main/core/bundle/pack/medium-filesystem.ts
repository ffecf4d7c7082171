import { blockBytes } from '../format/format.ts';

/** Linux's `f_type` numbers (linux/magic.h) of filesystems that take files of 4 GiB and more. */
const roomy: Record<number, string> = {
  61267: 'ext4',
  1481003842: 'xfs',
  2435016766: 'btrfs',
  16914836: 'tmpfs',
  538032816: 'exfat',
  1397118030: 'ntfs',
  1936094318: 'ntfs',
  801189825: 'zfs',
  2035054128: 'overlay',
  4076150800: 'f2fs',
  26985: 'nfs',
  4283649346: 'cifs',
};
const fatType = 0x4d44;
/** FAT32 takes 4 GiB less one byte: the largest whole number of blocks below. */
const largestOnFatBytes = 255 * blockBytes;

/**
 * The name of a filesystem and the largest file it surely takes, by the type number of `statfs`. FUSE, macOS and Windows do not
 * say what is below them: then the limit is that of FAT32.
 */
export function filesystemOf(type: number): { filesystem: string; largestFileBytes?: number } {
  if (type === fatType) return { filesystem: 'vfat', largestFileBytes: largestOnFatBytes };
  const name = process.platform === 'linux' ? roomy[type] : undefined;
  return name ? { filesystem: name } : { filesystem: 'unknown', largestFileBytes: largestOnFatBytes };
}
