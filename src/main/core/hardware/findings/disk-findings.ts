import { relative } from 'node:path';
import { bytesText } from '../../../../shared/bytes-text.ts';
import { command, steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import type { Disk, DiskSpeed } from '../../../../shared/machine.ts';
import { shellWord } from '../../../../shared/shell-word.ts';
import { type HardwareCatalog, sourceText, storageOf } from '../hardware-catalog.ts';
import { amber, green, red } from './make-finding.ts';

const weakFilesystems: Record<string, string> = {
  vfat: 'it cannot store links or files of 4 GiB or more',
  msdos: 'it cannot store links or files of 4 GiB or more',
  exfat: 'it does not support links or permissions',
  ntfs: 'it does not keep permissions on this system',
  ntfs3: 'it does not keep permissions on this system',
  fuseblk: 'it is a foreign filesystem, often without links and permissions',
  tmpfs: 'it is in memory and is lost on restart',
  ramfs: 'it is in memory and is lost on restart',
  nfs: 'it is on another machine, so weights load at network speed',
  nfs4: 'it is on another machine, so weights load at network speed',
  cifs: 'it is on another machine, often without links and permissions',
};

const purpose = { store: 'weights', engine: 'container images' } as const;

/**
 * Returns the findings about the filesystems of the store and of the engine: free space, and whether the filesystem is
 * suitable. A disk whose speed was measured gets no finding about rotation.
 */
export function diskFindings(disks: Disk[], catalog: HardwareCatalog, speed: DiskSpeed | null): Finding[] {
  return disks.flatMap((disk) => [
    space(disk, catalog),
    ...unusable(disk),
    ...kind(disk),
    ...(wasMeasured(disk, speed) ? [] : rotating(disk)),
  ]);
}

function space(disk: Disk, catalog: HardwareCatalog): Finding {
  const row = storageOf(catalog, disk.use);
  const trouble = {
    id: `hardware.disk-${disk.use}`,
    title: `Disk for ${purpose[disk.use]}: ${bytesText(disk.freeBytes)} of ${bytesText(disk.sizeBytes)} free at ${disk.path}`,
    howWeKnow: `statfs of ${disk.mountPoint ?? disk.path}${disk.filesystem ? ` (${disk.filesystem})` : ''}; guideline: ${sourceText(catalog, row)}`,
  };
  if (disk.freeBytes >= row.lowBelowBytes) return green(trouble.id, trouble.title, trouble.howWeKnow);
  const remedy =
    disk.use === 'store'
      ? steps(
          `Free space: df -h ${shellWord(disk.path)}`,
          'Or put the data folder on a larger disk: --home DIR, or SEALIFT_HOME.',
        )
      : steps('Remove unused images: docker image prune', 'Or move the engine\'s "data-root" to a larger disk.');
  const consequence = `Guideline: ${row.words}.`;
  const isBlocked = row.blockedBelowBytes !== null && disk.freeBytes < row.blockedBelowBytes;
  return isBlocked
    ? red({ ...trouble, consequence: `Even a small model does not fit. ${consequence}`, remedies: [remedy] })
    : amber({ ...trouble, consequence, remedies: [remedy] });
}

function unusable({ access, path }: Disk): Finding[] {
  if (access === null || access === 'writable') return [];
  const isFile = access === 'not-a-folder';
  return [
    red({
      id: 'hardware.store-unusable',
      title: isFile ? `${path} is not a folder and cannot be created` : `Cannot write to ${path}`,
      consequence: 'Weights cannot be stored there.',
      remedies: [
        steps(
          `Inspect the path: ls -ld ${shellWord(path)}; df -h ${shellWord(path)}`,
          'Choose another data folder: --home DIR, or SEALIFT_HOME. A filesystem mounted read-only is read-only for every user, including root.',
        ),
      ],
      howWeKnow: isFile ? 'stat' : 'write access was denied',
    }),
  ];
}

function kind(disk: Disk): Finding[] {
  const why = disk.filesystem === null ? undefined : weakFilesystems[disk.filesystem.toLowerCase()];
  if (!why) return [];
  return [
    amber({
      id: `hardware.filesystem-${disk.use}`,
      title: `The filesystem for ${purpose[disk.use]} is ${disk.filesystem}`,
      consequence: `Poorly suited: ${why}.`,
      remedies: [
        disk.use === 'store'
          ? steps('Put the data folder on a local disk with ext4 or xfs: --home DIR, or SEALIFT_HOME.')
          : steps('Move the engine\'s "data-root" to a local disk with ext4 or xfs.'),
      ],
      howWeKnow: `/proc/self/mountinfo, ${disk.mountPoint ?? disk.path}`,
    }),
  ];
}

function wasMeasured(disk: Disk, speed: DiskSpeed | null): boolean {
  return speed?.isDirect === true && !relative(disk.path, speed.path).startsWith('..');
}

function rotating(disk: Disk): Finding[] {
  if (disk.use !== 'store' || disk.isRotational !== true) return [];
  return [
    amber({
      id: 'hardware.disk-rotational',
      title: 'The store is on a hard disk (HDD)',
      consequence:
        'GitLab requires SSDs: loading weights from a hard disk takes many minutes. A virtual disk often reports itself as a hard disk when it is not.',
      remedies: [
        command('Measure its read speed', `sealift check --measure-disk ${shellWord(disk.path)}`),
        steps('Or put the data folder on an SSD: --home DIR, or SEALIFT_HOME.'),
      ],
      howWeKnow: `queue/rotational of the disk at ${disk.mountPoint ?? disk.path}`,
    }),
  ];
}
