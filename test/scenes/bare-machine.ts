import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

const loaders: Record<string, string> = { x64: '/lib64/ld-linux-x86-64.so.2', arm64: '/lib/ld-linux-aarch64.so.1' };
const libraries = [
  'libc.so.6',
  'libm.so.6',
  'libdl.so.2',
  'libpthread.so.0',
  'librt.so.1',
  'libgcc_s.so.1',
  'libstdc++.so.6',
];
const uid = 1000;

/** What happened on a bare machine. */
export interface BareRun {
  code: number | null;
  text: string;
  /** The addresses that any process tried to connect to, without those of files and the kernel. */
  addresses: string[];
}

/**
 * Makes a root folder like that of a machine without network, Node and packages: busybox, the C and C++ libraries, one user with an
 * empty home.
 */
export function makeBareMachine(root: string): void {
  for (const folder of ['bin', 'dev', 'etc', 'proc', 'tmp', 'media', 'home/op'])
    mkdirSync(join(root, folder), { recursive: true });
  chmodSync(join(root, 'tmp'), 0o1777);
  chownSync(join(root, 'home/op'), uid, uid);
  writeFileSync(join(root, 'etc/passwd'), `root:x:0:0::/:/bin/sh\nop:x:${uid}:${uid}::/home/op:/bin/sh\n`);
  copyFileSync('/bin/busybox', join(root, 'bin/busybox'));
  for (const applet of execFileSync('/bin/busybox', ['--list'], { encoding: 'utf8' }).trim().split('\n'))
    if (applet !== 'busybox') symlinkSync('busybox', join(root, 'bin', applet));
  const cached = execFileSync('/sbin/ldconfig', ['-p'], { encoding: 'utf8' });
  const found = libraries.map(
    (name) => new RegExp(`^\\s*${name.replace(/[.+]/g, '\\$&')} .*64.* => (.*)$`, 'm').exec(cached)?.[1] ?? '',
  );
  for (const file of [loaders[process.arch] ?? '', ...found].filter((one) => existsSync(one))) {
    mkdirSync(join(root, dirname(file)), { recursive: true });
    copyFileSync(file, join(root, file));
  }
}

/**
 * Runs a shell script there as its user, with a loopback device alone for a network and a /tmp from which no program can be started; `media` are folders of this machine that appear
 * read-only and noexec as /media/<name>.
 */
export function runOnBareMachine(root: string, media: Record<string, string>, script: string): BareRun {
  const mounts = Object.entries(media).map(([name, folder]) => {
    mkdirSync(join(root, 'media', name), { recursive: true });
    return `mount --bind '${folder}' media/${name} && mount -o remount,bind,ro,noexec,nosuid,nodev media/${name}`;
  });
  for (const device of ['null', 'zero', 'urandom', 'random']) writeFileSync(join(root, 'dev', device), '');
  const devices = ['null', 'zero', 'urandom', 'random'].map((one) => `mount --bind /dev/${one} dev/${one}`);
  const trace = `${root}.trace`;
  const command = `env -i HOME=/home/op PATH=/bin TERM=dumb $(command -v strace) -f -q --seccomp-bpf -e trace=connect -o '${trace}' $(command -v chroot) --userspec=${uid}:${uid} . /bin/sh -c "$SCRIPT"`;
  const outside = [
    'set -e',
    `cd '${root}'`,
    'ip link set lo up',
    'mount -t proc proc proc',
    'mount -t tmpfs -o noexec,nosuid,nodev,mode=1777 tmpfs tmp',
    ...devices,
    ...mounts,
    `exec ${command}`,
  ];
  const { status, stdout, stderr } = spawnSync(
    'unshare',
    ['--mount', '--net', '--pid', '--fork', 'sh', '-c', outside.join('\n')],
    {
      encoding: 'utf8',
      env: { ...process.env, SCRIPT: script },
    },
  );
  const traced = readFileSync(trace, 'utf8');
  rmSync(trace);
  const addresses = [...traced.matchAll(/inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)"/g)].map(
    ([, four, six]) => four ?? six ?? '',
  );
  return { code: status, text: stdout + stderr, addresses: [...new Set(addresses)] };
}
