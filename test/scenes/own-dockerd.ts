import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectEngine, type Engine } from '../../src/main/core/engine/connect-engine.ts';

const prefix = 'sealift-img-test-dockerd-';

/** True when tests may start an engine of their own: as root, with dockerd and mount. */
export function dockerdIsThere(): boolean {
  const { status } = spawnSync('sh', [
    '-c',
    'test "$(id -u)" = 0 && command -v dockerd && command -v unshare && command -v setpriv && command -v ip',
  ]);
  return status === 0;
}

/** An engine of the tests' own, with its data on a small filesystem in memory. */
export class OwnDockerd {
  readonly address: string;
  readonly #folder: string;
  readonly #command: string[];
  readonly #env: NodeJS.ProcessEnv;
  readonly #bridge: string | undefined;
  #child: ChildProcess;

  private constructor(folder: string, command: string[], env: NodeJS.ProcessEnv, bridge: string | undefined) {
    this.#bridge = bridge;
    this.#folder = folder;
    this.#command = command;
    this.#env = env;
    this.#child = this.#spawn();
    this.address = `unix://${folder}/docker.sock`;
  }

  /**
   * `isApart`: in a network of its own, where this machine's loopback cannot be reached. `args` and `env` are for dockerd. `system`:
   * the root folder of another system, whose dockerd is taken.
   */
  static async start(options: {
    sizeMiB: number;
    isApart?: boolean;
    args?: string[];
    env?: NodeJS.ProcessEnv;
    system?: string;
  }): Promise<OwnDockerd> {
    for (const name of readdirSync(tmpdir())) if (name.startsWith(prefix)) sweep(join(tmpdir(), name));
    const folder = mkdtempSync(join(tmpdir(), prefix));
    const root = join(folder, 'data');
    mkdirSync(root);
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${options.sizeMiB}m`, 'sealift-img-test', root]);
    const paths = ['--data-root', root, '--exec-root', join(folder, 'exec'), '--pidfile', join(folder, 'pid')];
    // Without a bridge of its own it would remove docker0, which another engine may use.
    const bridge = options.isApart ? undefined : addBridge().name;
    const network = [`--bridge=${bridge ?? 'none'}`, '--iptables=false', '--ip-masq=false'];
    const daemon = [
      '/usr/sbin/dockerd',
      '--host',
      `unix://${folder}/docker.sock`,
      ...paths,
      ...network,
      ...(options.args ?? []),
    ];
    // It ends with the test process, however that ends.
    const command = [
      'setpriv',
      '--pdeathsig',
      'TERM',
      ...(options.isApart ? ['unshare', '-n'] : []),
      ...enter(options.system),
      ...daemon,
    ];
    const engine = new OwnDockerd(folder, command, { ...process.env, ...options.env }, bridge);
    await engine.#answers();
    return engine;
  }

  #spawn(): ChildProcess {
    const [command = '', ...args] = this.#command;
    const log = openSync(this.#log, 'w');
    try {
      return spawn(command, args, { stdio: ['ignore', log, log], env: this.#env });
    } finally {
      closeSync(log);
    }
  }

  get #log(): string {
    return `${this.#folder}/log`;
  }

  async #answers(): Promise<void> {
    let starts = 1;
    for (let tries = 0; ; tries += 1) {
      if (await this.connect().catch(() => undefined)) return;
      if (this.#hasEnded && starts < 3) {
        // As a service manager does: after a power cut the first start may stumble over what was left.
        starts += 1;
        this.#child = this.#spawn();
      } else if (this.#hasEnded || tries > 500) {
        const log = readFileSync(this.#log, 'utf8').slice(-2000);
        await this.stop();
        throw new Error(`dockerd did not start: ${log}`);
      }
      await sleep(200);
    }
  }

  /** Starts it again when it does not run. */
  async startAgain(): Promise<void> {
    if (!this.#hasEnded) return;
    this.#child = this.#spawn();
    await this.#answers();
  }

  /** Stops it in order and starts it again, as a service manager does. */
  async restart(): Promise<void> {
    await this.#terminate();
    await this.startAgain();
  }

  get #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  async #terminate(): Promise<void> {
    if (this.#hasEnded) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGTERM');
    await ended;
  }

  /** Where its data lies: a filesystem of its own. */
  get dataRoot(): string {
    return join(this.#folder, 'data');
  }

  connect(): Promise<Engine> {
    return connectEngine(this.address);
  }

  /** Kills it and its containerd at once, as a power cut would. Its number may belong to another process afterwards. */
  async kill(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await ended;
    await this.#killLeftovers();
    rmSync(join(this.#folder, 'pid'), { force: true });
  }

  /** Its containerd outlives a killed dockerd. */
  #killLeftovers(): Promise<void> {
    return killProcessesOf(`${this.#folder}/exec`);
  }

  /** Stops it and removes all it left. */
  async stop(): Promise<void> {
    await this.#terminate();
    await this.#killLeftovers();
    removeWhole(this.#folder);
    if (this.#bridge) spawnSync('ip', ['link', 'del', this.#bridge]);
  }
}

/** Kills all processes that have these words in their command line, and waits until they are gone. */
export async function killProcessesOf(words: string): Promise<void> {
  for (;;) {
    const left = processesOf(words);
    if (left.length === 0) return;
    for (const id of left) kill(id);
    await sleep(50);
  }
}

function kill(id: number): void {
  try {
    process.kill(id, 'SIGKILL');
  } catch {
    // It ended by itself meanwhile.
  }
}

function processesOf(words: string): number[] {
  const found = spawnSync('pgrep', ['-f', words], { encoding: 'utf8' }).stdout.trim();
  return found.split('\n').filter(Boolean).map(Number);
}

/** Removes a folder with what is mounted in it. */
export function removeWhole(folder: string): void {
  for (const mount of mountsBelow(folder)) spawnSync('umount', ['-l', mount]);
  rmSync(folder, { recursive: true, force: true });
}

/** Frees the memory that a killed run left in use. A young folder may belong to an engine that is just starting. */
function sweep(folder: string): void {
  const isOld = Date.now() - (statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > 600_000;
  if (isOld && processesOf(`${folder}/`).length === 0) removeWhole(folder);
}

/** A container's processes begin at the root of the mount namespace: the other system must really be that, and not a chroot. */
const enterSystem = `set -e
mount --make-rprivate /
mount --bind "$0" "$0"
for folder in /proc /sys /dev /run "$1"; do mount --rbind "$folder" "$0$folder"; done
cd "$0"
shift
pivot_root . old
exec "$@"`;

function enter(system: string | undefined): string[] {
  if (!system) return [];
  mkdirSync(join(system, tmpdir()), { recursive: true });
  return ['unshare', '-m', 'sh', '-c', enterSystem, system, tmpdir()];
}

/** Gives this machine a bridge with an address that no other has. */
export function addBridge(): { name: string; address: string } {
  const name = `slt${randomBytes(4).toString('hex')}`;
  execFileSync('ip', ['link', 'add', name, 'type', 'bridge']);
  const address = `10.251.${randomInt(256)}.1`;
  execFileSync('ip', ['addr', 'add', `${address}/28`, 'dev', name]);
  return { name, address };
}

function mountsBelow(folder: string): string[] {
  const lines = execFileSync('cat', ['/proc/self/mounts'], { encoding: 'utf8' }).split('\n');
  return lines
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${folder}/`))
    .reverse();
}
