import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
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
 * Makes a root folder like that of a machine without Node and packages: busybox, and the C and C++ libraries.
 */
export function makeBusyboxMachine(root: string): void {
  for (const folder of ['bin', 'etc', 'proc', 'tmp']) mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/:/bin/sh\n');
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

/** A minimal Debian that `.ci/bare-debian` made; empty where it could not. */
export const debianMachine: string = process.env.SEALIFT_TEST_BARE_DEBIAN ?? '';

const devices = ['null', 'zero', 'urandom', 'random'];
/* What the script changes is in memory, so that one system serves many runs. */
const enter = [
  'set -e',
  'ip link set lo up',
  'mount --make-rprivate /',
  'mount -t tmpfs -o size=3g tmpfs "$SCENE"',
  'mkdir "$SCENE/upper" "$SCENE/work" "$SCENE/root"',
  'mount -t overlay overlay -o "lowerdir=$SYSTEM,upperdir=$SCENE/upper,workdir=$SCENE/work" "$SCENE/root"',
  'cd "$SCENE/root"',
  `grep -q ^op: etc/passwd || echo 'op:x:${uid}:${uid}::/home/op:/bin/sh' >>etc/passwd`,
  `mkdir -p home/op dev && chown ${uid}:${uid} home/op`,
  'mount -t proc proc proc',
  'mount -t tmpfs -o noexec,nosuid,nodev,mode=1777 tmpfs tmp',
  ...devices.map((one) => `[ -e dev/${one} ] || touch dev/${one}; mount --bind /dev/${one} dev/${one}`),
];

/**
 * Runs a shell script as a user of a system in a folder, with a loopback device alone for a network and a /tmp from which no program can be
 * started; `media` are folders of this machine that appear read-only and noexec as /media/<name>. The folder stays as it is.
 */
export function runOnBareMachine(system: string, media: Record<string, string>, script: string): BareRun {
  const scene = mkdtempSync(join(tmpdir(), 'sealift-bare-'));
  const trace = `${scene}.trace`;
  const mounts = Object.entries(media).map(
    ([name, folder]) =>
      `mkdir -p media/${name}\nmount --bind '${folder}' media/${name}\nmount -o remount,bind,ro,noexec,nosuid,nodev media/${name}`,
  );
  const command = `exec env -i HOME=/home/op PATH=/usr/bin:/bin TERM=dumb $(command -v strace) -f -q --seccomp-bpf -e trace=connect -o '${trace}' $(command -v chroot) --userspec=${uid}:${uid} . /bin/sh -c "$SCRIPT"`;
  const { status, stdout, stderr } = spawnSync(
    'unshare',
    ['--mount', '--net', '--pid', '--fork', '--kill-child', 'sh', '-c', [...enter, ...mounts, command].join('\n')],
    { encoding: 'utf8', env: { ...process.env, SCENE: scene, SYSTEM: system, SCRIPT: script } },
  );
  rmSync(scene, { recursive: true });
  const traced = existsSync(trace) ? readFileSync(trace, 'utf8') : '';
  rmSync(trace, { force: true });
  const addresses = [...traced.matchAll(/inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)"/g)].map(
    ([, four, six]) => four ?? six ?? '',
  );
  return { code: status, text: stdout + stderr, addresses: [...new Set(addresses)] };
}
