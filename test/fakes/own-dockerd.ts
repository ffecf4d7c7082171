import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectEngine, type Engine } from '../../src/main/core/engine/connect-engine.ts';

/** True when tests may start an engine of their own: as root, with dockerd and mount. */
export function dockerdIsThere(): boolean {
  const { status } = spawnSync('sh', ['-c', 'test "$(id -u)" = 0 && command -v dockerd && command -v unshare']);
  return status === 0;
}

/** An engine of the tests' own, with its data on a small filesystem in memory. */
export class OwnDockerd {
  readonly address: string;
  readonly #folder: string;
  readonly #child: ChildProcess;

  private constructor(folder: string, child: ChildProcess) {
    this.#folder = folder;
    this.#child = child;
    this.address = `unix://${folder}/docker.sock`;
  }

  /** `isApart`: in a network of its own, where this machine's loopback cannot be reached. */
  static async start(options: { sizeMiB: number; isApart?: boolean }): Promise<OwnDockerd> {
    const folder = mkdtempSync(join(tmpdir(), 'sealift-img-test-dockerd-'));
    const root = join(folder, 'data');
    mkdirSync(root);
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${options.sizeMiB}m`, 'sealift-img-test', root]);
    const paths = ['--data-root', root, '--exec-root', join(folder, 'exec'), '--pidfile', join(folder, 'pid')];
    const network = ['--bridge=none', '--iptables=false', '--ip-masq=false'];
    const daemon = ['dockerd', '--host', `unix://${folder}/docker.sock`, ...paths, ...network];
    const [command = '', ...args] = options.isApart ? ['unshare', '-n', ...daemon] : daemon;
    const engine = new OwnDockerd(folder, spawn(command, args, { stdio: 'ignore' }));
    for (let tries = 0; ; tries += 1) {
      const answers = await engine.connect().catch(() => undefined);
      if (answers) return engine;
      if (tries > 100) {
        await engine.stop();
        throw new Error('dockerd did not start');
      }
      await sleep(200);
    }
  }

  connect(): Promise<Engine> {
    return connectEngine(this.address);
  }

  /** Kills it at once, as a power cut would. */
  async kill(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await ended;
  }

  /** Stops it and removes all it left. */
  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = new Promise((resolve) => this.#child.once('exit', resolve));
      this.#child.kill('SIGTERM');
      await ended;
    }
    // Its containerd outlives a killed dockerd.
    const found = spawnSync('pgrep', ['-f', `${this.#folder}/exec`], { encoding: 'utf8' }).stdout.trim();
    for (const id of found.split('\n').filter(Boolean)) process.kill(Number(id), 'SIGKILL');
    for (const mount of mountsBelow(this.#folder)) spawnSync('umount', ['-l', mount]);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function mountsBelow(folder: string): string[] {
  const lines = execFileSync('cat', ['/proc/self/mounts'], { encoding: 'utf8' }).split('\n');
  return lines
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${folder}/`))
    .reverse();
}
