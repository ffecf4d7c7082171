import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** True where one can be made: as root, on a kernel with overlayfs. */
export function canThrowAway(): boolean {
  const hasPrograms = spawnSync('sh', ['-c', 'command -v ip && command -v pivot_root']).status === 0;
  return (
    process.getuid?.() === 0 && hasPrograms && spawnSync('grep', ['-q', 'overlay', '/proc/filesystems']).status === 0
  );
}

/* The root must be a real one, and not a chroot: the processes of containers begin at the root of the mount namespace. */
const enter = `set -e
ip link set lo up
mount --make-rprivate /
mount -t tmpfs -o size=3g tmpfs "$SCENE"
cd "$SCENE"
mkdir upper work root
mount -t overlay overlay -o "lowerdir=/,upperdir=$SCENE/upper,workdir=$SCENE/work" root
mount -t proc proc root/proc
mount -t tmpfs tmpfs root/run
for folder in /sys /dev; do mount --rbind "$folder" "root$folder"; done
mkdir -p root/var/lib/docker root/mnt/before
mount -t tmpfs tmpfs root/var/lib/docker
cd root
pivot_root . mnt/before
umount -l /mnt/before
printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d
exec bash -ec "$SCRIPT"`;

/**
 * Runs a bash script as root on a copy of this machine's system that exists only as long as the script: it sees all files, what it changes is
 * in memory, and it has no network but loopback and no process of this machine. Services that packages install are not started.
 */
export function runInThrowaway(
  script: string,
  env: Record<string, string> = {},
): { code: number | null; stdout: string; stderr: string } {
  const scene = mkdtempSync(join(tmpdir(), 'sealift-throwaway-'));
  try {
    const namespaces = ['--mount', '--pid', '--fork', '--net', '--kill-child'];
    const { status, stdout, stderr } = spawnSync('unshare', [...namespaces, 'sh', '-c', enter], {
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
      env: { PATH: process.env.PATH ?? '', HOME: '/root', LC_ALL: 'C', SCENE: scene, SCRIPT: script, ...env },
    });
    return { code: status, stdout, stderr };
  } finally {
    rmSync(scene, { recursive: true });
  }
}
