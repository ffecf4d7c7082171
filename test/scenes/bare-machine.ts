import { type ChildProcessByStdio, execFileSync, spawn, spawnSync } from 'node:child_process';
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
import type { Readable } from 'node:stream';

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

/** The same with the libraries that the desktop package names (`.ci/bare-debian window`). */
export const windowDebian: string = process.env.SEALIFT_TEST_WINDOW_DEBIAN ?? '';

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

function mountMedium(name: string, folder: string): string {
  return `mkdir -p media/${name}\nmount --bind '${folder}' media/${name}\nmount -o remount,bind,ro,noexec,nosuid,nodev media/${name}`;
}

/**
 * Runs a shell script as a user of a system in a folder, with a loopback device alone for a network and a /tmp from which no program can be
 * started; `media` are folders of this machine that appear read-only and noexec as /media/<name>. The folder stays as it is.
 */
export function runOnBareMachine(system: string, media: Record<string, string>, script: string): BareRun {
  const scene = mkdtempSync(join(tmpdir(), 'sealift-bare-'));
  const trace = `${scene}.trace`;
  const mounts = Object.entries(media).map(([name, folder]) => mountMedium(name, folder));
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

/* Answers nothing. The address is in the loopback network, which is all that the machine has. */
const nameServer = `const { appendFileSync } = require('node:fs');
require('node:dgram').createSocket('udp4').on('message', (question) => {
  const words = [];
  for (let at = 12; question[at]; at += question[at] + 1) words.push(question.toString('latin1', at + 1, at + 1 + question[at]));
  appendFileSync(process.env.NAMES, words.join('.') + '\\n');
}).bind(53, '127.0.0.1')`;

/**
 * Starts a command as a user of such a machine with a display of this one, after `dpkg -i` of a package of the folder. It runs until it is
 * killed. The output and the network namespace of the process are those of the machine; `names` are the host names that were looked up.
 */
export function startWindowOnBareMachine(
  system: string,
  { folder, deb, display, command }: Record<'folder' | 'deb' | 'display' | 'command', string>,
): { child: ChildProcessByStdio<null, Readable, Readable>; names(): string[] } {
  const scene = mkdtempSync(join(tmpdir(), 'sealift-bare-'));
  const names = `${scene}.names`;
  const script = [
    ...enter,
    mountMedium('packages', folder),
    'mkdir tmp/.X11-unix && mount --bind /tmp/.X11-unix tmp/.X11-unix',
    'mkdir -p dev/shm && mount -t tmpfs -o mode=1777 tmpfs dev/shm',
    `chroot . dpkg -i '/media/packages/${deb}'`,
    'echo nameserver 127.0.0.1 >etc/resolv.conf',
    '"$NODE" -e "$NAME_SERVER" &',
    `exec env -i HOME=/home/op XDG_RUNTIME_DIR=/home/op PATH=/usr/bin:/bin DISPLAY=${display} $(command -v chroot) --userspec=${uid}:${uid} . ${command}`,
  ];
  const env = { ...process.env, SCENE: scene, SYSTEM: system, NAMES: names, NAME_SERVER: nameServer };
  writeFileSync(names, '');
  const child = spawn(
    'unshare',
    ['--mount', '--net', '--pid', '--fork', '--kill-child', 'sh', '-c', script.join('\n')],
    { env: { ...env, NODE: process.execPath }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  child.once('exit', () => {
    rmSync(scene, { recursive: true });
    rmSync(names);
  });
  return { child, names: () => readFileSync(names, 'utf8').split('\n').filter(Boolean) };
}
