import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { chownSync, closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectEngine, type Engine } from '../../src/main/core/engine/connect-engine.ts';
import { addBridge, killProcessesOf, removeWhole } from './own-dockerd.ts';

/** True when tests may start a Podman service of their own: as root, with what it needs, also as another user. */
export function podmanIsThere(): boolean {
  const commands = ['podman', 'runc', 'conmon', 'newuidmap', 'slirp4netns', 'setpriv', 'unshare', 'ip'];
  const script = `test "$(id -u)" = 0 && ${commands.map((one) => `command -v ${one}`).join(' && ')}`;
  return spawnSync('sh', ['-c', script]).status === 0;
}

/** How the service runs: as another user, with a range of subordinate IDs or without. */
interface Rootless {
  hasSubordinateIds: boolean;
}

// Podman's default limits are higher than what a machine of tests may raise.
const settings = '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]\n';
const user = { name: 'sealift-rootless', id: 41_234 };

/** In each answer about itself, Podman asks dpkg who packaged its programs, which takes longer than all else that it does. Sealift reads none of that. */
const withoutDpkg = 'mount --bind /bin/false /usr/bin/dpkg-query 2>/dev/null || true';
const asRoot = `${withoutDpkg}; exec "$@"`;
/** The user exists only for the service. Without systemd, runc leaves the cgroups of a user alone, where there are no new ones. */
const becomeUser = `set -e
${withoutDpkg}
for file in passwd group subuid subgid; do mount --bind "$0/$file" "/etc/$file"; done
umount -l /sys/fs/cgroup/unified 2>/dev/null || true
exec setpriv --reuid ${user.id} --regid ${user.id} --clear-groups --pdeathsig TERM "$@"`;

/** A Podman service of the tests' own, with its data on a small filesystem in memory. It knows no container of this machine's Podman. */
export class OwnPodman {
  readonly address: string;
  readonly #folder: string;
  readonly #child: ChildProcess;
  readonly #bridge: { name: string; address: string } | undefined;

  private constructor(folder: string, isRootless: boolean) {
    this.#folder = folder;
    this.#bridge = isRootless ? addBridge() : undefined;
    this.address = `unix://${folder}/podman.sock`;
    const log = openSync(this.#log, 'w');
    const at = (name: string) => join(folder, name);
    const places = { root: 'data/root', runroot: 'run', tmpdir: 'tmp', 'network-config-dir': 'net' };
    const paths = Object.entries(places).flatMap(([name, path]) => [`--${name}`, at(path)]);
    const kind = ['--runtime', 'runc', '--cgroup-manager', 'cgroupfs'];
    const podman = ['podman', ...paths, ...kind, 'system', 'service', '--time', '0', this.address];
    const apart = ['unshare', '-m', '--propagation', 'slave', 'sh', '-c', isRootless ? becomeUser : asRoot, folder];
    const own = {
      CONTAINERS_CONF: at('containers.conf'),
      CONTAINERS_REGISTRIES_CONF: at('registries.conf'),
      ...(isRootless && { HOME: folder, XDG_RUNTIME_DIR: at('run') }),
    };
    // It ends with the test process, however that ends.
    const args = ['--pdeathsig', 'TERM', ...apart, ...podman];
    this.#child = spawn('setpriv', args, { stdio: ['ignore', log, log], env: { ...process.env, ...own } });
    closeSync(log);
  }

  static async start({
    sizeMiB,
    rootless,
    conf = '',
    registries = '',
  }: {
    sizeMiB: number;
    rootless?: Rootless;
    conf?: string;
    registries?: string;
  }): Promise<OwnPodman> {
    const folder = mkdtempSync(join(tmpdir(), 'sealift-img-test-podman-'));
    for (const name of ['data', 'run', 'tmp', 'net']) mkdirSync(join(folder, name));
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMiB}m`, 'sealift-img-test', join(folder, 'data')]);
    writeFileSync(join(folder, 'containers.conf'), `${settings}${conf}`);
    writeFileSync(join(folder, 'registries.conf'), registries);
    if (rootless) makeUser(folder, rootless);
    const podman = new OwnPodman(folder, rootless !== undefined);
    await podman.#answers();
    return podman;
  }

  connect(): Promise<Engine> {
    return connectEngine(this.address);
  }

  /** An address of this machine that containers of a rootless one reach. */
  get machineAddress(): string {
    return this.#bridge?.address ?? '';
  }

  get #log(): string {
    return `${this.#folder}/log`;
  }

  async #answers(): Promise<void> {
    for (let tries = 0; ; tries += 1) {
      if (await this.connect().catch(() => undefined)) return;
      if (this.#child.exitCode !== null || tries > 500) {
        const log = readFileSync(this.#log, 'utf8').slice(-2000);
        await this.stop();
        throw new Error(`podman did not start: ${log}`);
      }
      await sleep(100);
    }
  }

  /** Stops its containers and then it, and removes all it left. */
  async stop(): Promise<void> {
    const docker = (await this.connect().catch(() => undefined))?.docker;
    for (const { Id } of (await docker?.listContainers({ all: true })) ?? [])
      await docker?.getContainer(Id).remove({ force: true });
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = new Promise((resolve) => this.#child.once('exit', resolve));
      this.#child.kill('SIGTERM');
      await ended;
    }
    // What watched a command in a container stays for minutes, and what holds a user's namespaces for ever.
    await killProcessesOf(`${this.#folder}/`);
    spawnSync('sh', [
      '-c',
      `kill -9 $(cat "$0"/tmp/pause.pid "$0"/run/libpod/tmp/pause.pid 2>/dev/null)`,
      this.#folder,
    ]);
    removeWhole(this.#folder);
    if (this.#bridge) spawnSync('ip', ['link', 'del', this.#bridge.name]);
  }
}

/** Writes the files that make the user, and gives it the folder. */
function makeUser(folder: string, { hasSubordinateIds }: Rootless): void {
  const ids = `${user.name}:x:${user.id}:`;
  writeFileSync(join(folder, 'passwd'), `${readFileSync('/etc/passwd', 'utf8')}${ids}${user.id}::${folder}:/bin/sh\n`);
  writeFileSync(join(folder, 'group'), `${readFileSync('/etc/group', 'utf8')}${ids}\n`);
  for (const name of ['subuid', 'subgid'])
    writeFileSync(join(folder, name), hasSubordinateIds ? `${user.name}:500000:65536\n` : '');
  for (const name of ['.', 'data', 'run', 'tmp', 'net']) chownSync(join(folder, name), user.id, user.id);
}
