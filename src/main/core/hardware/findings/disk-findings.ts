import { relative } from 'node:path';
import { bytesText } from '../../../../shared/bytes-text.ts';
import { command, steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import type { Disk, DiskSpeed } from '../../../../shared/machine.ts';
import { shellWord } from '../../../../shared/shell-word.ts';
import { type HardwareCatalog, sourceText, storageOf } from '../../catalog/hardware-catalog.ts';
import { amber, green, red } from './make-finding.ts';

const weakFilesystems: Record<string, string> = {
  vfat: 'it holds no file of 4 GiB or more, and no links',
  msdos: 'it holds no file of 4 GiB or more, and no links',
  exfat: 'it has no links and no rights',
  ntfs: 'it has no rights that this system keeps',
  ntfs3: 'it has no rights that this system keeps',
  fuseblk: 'it is a foreign filesystem, often without links and rights',
  tmpfs: 'it lies in memory and is empty after a restart',
  ramfs: 'it lies in memory and is empty after a restart',
  nfs: 'it is on another machine: loading weights takes as long as the network does',
  nfs4: 'it is on another machine: loading weights takes as long as the network does',
  cifs: 'it is on another machine, and often without links and rights',
};

const purpose = { store: 'weights', engine: 'container images' } as const;

/**
 * What is to say about the filesystems of the store and of the engine: free space, and whether the kind suits. A disk whose speed was
 * measured need not say whether it rotates.
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
    howWeKnow: `statfs of ${disk.mountPoint ?? disk.path}${disk.filesystem ? ` (${disk.filesystem})` : ''}; as a guide: ${sourceText(catalog, row)}`,
  };
  if (disk.freeBytes >= row.lowBelowBytes) return green(trouble.id, trouble.title, trouble.howWeKnow);
  const remedy =
    disk.use === 'store'
      ? steps(
          `Free space: df -h ${shellWord(disk.path)}`,
          'Or put the data folder on a larger disk: --home DIR, or SEALIFT_HOME.',
        )
      : steps(
          'Remove images that nobody needs: docker image prune',
          'Or move the engine\'s "data-root" to a larger disk.',
        );
  const consequence = `As a guide: ${row.words}.`;
  const isBlocked = row.blockedBelowBytes !== null && disk.freeBytes < row.blockedBelowBytes;
  return isBlocked
    ? red({ ...trouble, consequence: `Not even a small model fits. ${consequence}`, remedies: [remedy] })
    : amber({ ...trouble, consequence, remedies: [remedy] });
}

function unusable({ access, path }: Disk): Finding[] {
  if (access === null || access === 'writable') return [];
  const isFile = access === 'not-a-folder';
  return [
    red({
      id: 'hardware.store-unusable',
      title: isFile ? `${path} is no folder, and lies in none that could be made` : `Nothing can be written to ${path}`,
      consequence: 'No weights can be stored there.',
      remedies: [
        steps(
          `See what lies there: ls -ld ${shellWord(path)}; df -h ${shellWord(path)}`,
          'Name another data folder: --home DIR, or SEALIFT_HOME. A filesystem that is mounted read-only stays so for every user.',
        ),
      ],
      howWeKnow: isFile ? 'stat' : 'access for writing was refused',
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
      consequence: `Not well suited: ${why}.`,
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
      title: 'The disk for weights says that it rotates',
      consequence:
        'GitLab asks for SSDs: from a rotating disk, weights take many minutes to load. Disks of virtual machines often say so wrongly.',
      remedies: [
        command('Measure how fast it reads', `sealift check --measure-disk ${shellWord(disk.path)}`),
        steps('Or put the data folder on an SSD: --home DIR, or SEALIFT_HOME.'),
      ],
      howWeKnow: `queue/rotational of the disk under ${disk.mountPoint ?? disk.path}`,
    }),
  ];
}
