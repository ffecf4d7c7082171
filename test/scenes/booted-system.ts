import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { canThrowAway } from './throwaway-system.ts';

const waitMs = 300_000;
/** Where a hierarchy of control groups of version 2 is, alone or beside those of version 1. */
const groups = ['/sys/fs/cgroup/unified', '/sys/fs/cgroup'].find((path) => existsSync(join(path, 'cgroup.procs')));

/** True where one can be booted: as root, with overlayfs, control groups of version 2, and systemd as this system's own. */
export function canBoot(): boolean {
  return canThrowAway() && groups !== undefined && existsSync('/usr/lib/systemd/systemd');
}

/*
 * A copy of this machine's system in memory. /sys and /proc/sys are read-only, so that booting it sets nothing of the kernel that all share.
 * A reboot of it ends the inner process namespace with SIGHUP; /run is empty after it, as after every boot.
 */
const enter = `set -e
echo $$ >"$GROUP/cgroup.procs"
mount --make-rprivate /
mount -t tmpfs -o size=3g tmpfs "$SCENE"
cd "$SCENE"
mkdir upper work root
mount -t overlay overlay -o "lowerdir=/,upperdir=$SCENE/upper,workdir=$SCENE/work" root
mount -t proc proc root/proc
for folder in tmp dev; do mount -t tmpfs tmpfs root/$folder; done
for device in null zero full random urandom tty; do touch root/dev/$device; mount --bind /dev/$device root/dev/$device; done
ln -s /proc/self/fd root/dev/fd
mkdir -p "root$REPOSITORY" root/srv/scene root/mnt/before
mount --bind "$REPOSITORY" "root$REPOSITORY"
mount --bind "$FOLDER" root/srv/scene
find root/etc/systemd/system -mindepth 2 -path '*.wants/*' -delete
cd root
pivot_root . mnt/before
umount -l /mnt/before
status=129
while [ $status = 129 ]; do
  status=0
  unshare --cgroup --mount --pid --fork --kill-child --net --uts --ipc sh -ec '
    mount -t tmpfs tmpfs /run
    mount -t proc proc /proc
    mount --bind /proc/sys /proc/sys
    mount -o remount,ro,bind /proc/sys
    mount -t sysfs -o ro sysfs /sys
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
    exec env -i container=other /usr/lib/systemd/systemd --system --unit=multi-user.target --show-status=no --log-target=null
  ' </dev/null || status=$?
done`;

/** A copy of this machine's system with systemd as its first process and no network but loopback. `folder` is its /srv/scene. */
export class BootedSystem {
  readonly #scene = mkdtempSync(join(tmpdir(), 'sealift-booted-'));
  readonly #group: string;
  readonly #child: ChildProcess;
  #said = '';

  private constructor(folder: string) {
    this.#group = join(groups ?? '', `sealift-booted-${process.pid}-${Date.now()}`);
    spawnSync('mkdir', [this.#group]);
    const env = { PATH: process.env.PATH ?? '', LC_ALL: 'C', SCENE: this.#scene, GROUP: this.#group };
    this.#child = spawn('unshare', ['--mount', 'sh', '-c', enter], {
      env: { ...env, FOLDER: folder, REPOSITORY: process.cwd() },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const hear = (piece: Buffer) => {
      this.#said = `${this.#said}${piece}`.slice(-2000);
    };
    this.#child.stdout?.on('data', hear);
    this.#child.stderr?.on('data', hear);
  }

  /** Boots one and waits until it is up. */
  static async boot(folder: string): Promise<BootedSystem> {
    const system = new BootedSystem(folder);
    try {
      await system.#untilUp();
      return system;
    } catch (error) {
      await system.close();
      throw error;
    }
  }

  /** Runs a program in it, as root. */
  run(...line: string[]): { code: number | null; stdout: string; stderr: string } {
    const first = this.#first();
    if (first === undefined) return { code: null, stdout: '', stderr: `it is down: ${this.#said}` };
    const into = [
      '--target',
      String(first),
      '--mount',
      '--pid',
      '--net',
      '--uts',
      '--ipc',
      '--cgroup',
      '--root',
      '--wd=/',
    ];
    const env = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', HOME: '/root' };
    const { status, stdout, stderr } = spawnSync('nsenter', [...into, ...line], { encoding: 'utf8', env });
    return { code: status, stdout, stderr };
  }

  /** Lets systemd restart a killed service after a second, whatever its unit says, until the next reboot. */
  hurry(unit: string): void {
    const folder = `/run/systemd/system/${unit}.d`;
    const script = `mkdir -p ${folder} && printf '[Service]\\nRestartSec=1\\n' >${folder}/hurry.conf && systemctl daemon-reload`;
    const { code, stderr } = this.run('sh', '-c', script);
    if (code !== 0) throw new Error(stderr);
  }

  /** Reboots it, and waits until it is up again. */
  async reboot(): Promise<void> {
    const before = this.#first();
    this.run('systemctl', 'reboot');
    await this.#until(() => this.#first() !== undefined && this.#first() !== before);
    await this.#untilUp();
  }

  /** Ends it and everything that runs in it. */
  async close(): Promise<void> {
    const first = this.#first();
    const isEnded = () => this.#child.exitCode !== null || this.#child.signalCode !== null;
    if (first !== undefined) process.kill(first, 'SIGKILL');
    else if (!isEnded()) this.#child.kill('SIGKILL');
    await this.#until(isEnded);
    rmSync(this.#scene, { recursive: true, force: true });
    spawnSync('find', [this.#group, '-depth', '-type', 'd', '-exec', 'rmdir', '{}', ';']);
  }

  /** Its first process: the child of the inner `unshare`. */
  #first(): number | undefined {
    const shell = this.#child.pid;
    const [inner] = shell === undefined ? [] : childrenOf(shell);
    return inner === undefined ? undefined : childrenOf(inner)[0];
  }

  async #untilUp(): Promise<void> {
    await this.#until(() => /^(running|degraded)$/m.test(this.run('systemctl', 'is-system-running').stdout));
  }

  async #until(passes: () => boolean): Promise<void> {
    const hasEnded = () => this.#child.exitCode !== null || this.#child.signalCode !== null;
    for (const end = Date.now() + waitMs; !passes(); await sleep(100)) {
      if (Date.now() > end || hasEnded()) throw new Error(`the system never came to this: ${this.#said}`);
    }
  }
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
