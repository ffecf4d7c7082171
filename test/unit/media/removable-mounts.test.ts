import { expect, it } from 'vitest';
import { removableMounts } from '../../../src/main/core/media/removable-mounts.ts';

it('names what desktops mounted for a person and what the kernel calls removable, newest first', async () => {
  const asked: string[] = [];
  const view = {
    text: async (path: string) => {
      asked.push(path);
      return { '/sys/dev/block/8:17/../removable': '1\n', '/sys/dev/block/259:1/../removable': '0\n' }[path];
    },
  };
  const mounts = [
    { mountPoint: '/', filesystem: 'ext4', device: '259:1' },
    { mountPoint: '/proc', filesystem: 'proc', device: '0:22' },
    { mountPoint: '/media/snap', filesystem: 'squashfs', device: '7:1' },
    { mountPoint: '/backup', filesystem: 'exfat', device: '8:17' },
    { mountPoint: '/run/media/anna/SEALIFT-1', filesystem: 'vfat', device: '8:33' },
    { mountPoint: '/run/media/anna/SEALIFT-1', filesystem: 'vfat', device: '8:33' },
    { mountPoint: '/home', filesystem: 'btrfs', device: '0:30' },
    { mountPoint: '/mnt/share', filesystem: 'cifs', device: '0:50' },
    { mountPoint: '/mnt', filesystem: 'fuseblk', device: '8:49' },
  ];
  // A share on another machine is no medium, and opening one that is dead would wait for it.
  expect(await removableMounts(view, mounts)).toEqual(['/mnt', '/run/media/anna/SEALIFT-1', '/backup']);
  expect(asked.filter((one) => !one.startsWith('/sys/dev/block/'))).toEqual([]);
});
