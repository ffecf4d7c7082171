import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { build } from 'vite';

/** The folder of the old runtime. */
export const oldElectronFolder: string = join(
  process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
  'sealift-test',
  'electron-22',
);
const isRoot = process.getuid?.() === 0;
/** Arguments of setpriv. */
export const asNobody: string[] = ['--reuid=nobody', '--regid=nogroup', '--clear-groups'];

/** True if `test/fetch-old-electron.sh` has installed the old runtime and a virtual display is available. */
export function hasOldElectron(): boolean {
  return (
    existsSync(join(oldElectronFolder, 'version')) &&
    spawnSync('sh', ['-c', 'command -v Xvfb && command -v setpriv']).status === 0
  );
}

/**
 * The built window on Electron 22.3.25, on its own display. Chromium's sandbox is on, so as root everything runs as `nobody`. The built
 * file is converted to CommonJS, the only format that version loads, and `electron-22-prelude.cjs` adds the functions it lacks.
 */
export class OldElectron {
  readonly folder: string;
  readonly home: string;
  readonly #display: { child: ChildProcess; name: string };
  readonly #executable: string;

  private constructor(folder: string, display: { child: ChildProcess; name: string }, executable: string) {
    this.folder = folder;
    this.home = join(folder, 'user', 'home');
    this.#display = display;
    this.#executable = executable;
  }

  static async open(): Promise<OldElectron> {
    const folder = await mkdtemp(join(tmpdir(), 'sealift-electron-'));
    await chmod(folder, 0o755);
    await buildApp(join(folder, 'app'));
    // A copy, because only its owner can read the cache folder.
    await cp(oldElectronFolder, join(folder, 'electron'), { recursive: true });
    const user = join(folder, 'user');
    await mkdir(user);
    if (isRoot) execFileSync('chown', ['nobody:nogroup', user]);
    const executable = join(folder, 'run');
    const how = isRoot ? `setpriv ${asNobody.join(' ')} ` : '';
    await writeFile(executable, `#!/bin/sh\nexec ${how}${join(folder, 'electron', 'electron')} "$@"\n`, {
      mode: 0o755,
    });
    return new OldElectron(folder, await openDisplay(), executable);
  }

  /** Starts the window. `complaints` lists errors and policy violations of its page. */
  async start(): Promise<{ app: ElectronApplication; page: Page; complaints: string[] }> {
    const app = await _electron.launch({
      executablePath: this.#executable,
      args: this.#args,
      env: this.#env,
      chromiumSandbox: true,
    });
    const page = await app.firstWindow();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    return { app, page, complaints };
  }

  /** Starts it a second time. Returns the exit code. */
  async startAgain(): Promise<number | null> {
    const child = spawn(this.#executable, this.#args, { env: this.#env, stdio: 'inherit' });
    const [code] = (await once(child, 'exit')) as [number | null];
    return code;
  }

  async close(): Promise<void> {
    this.#display.child.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  get preload(): string {
    return join(this.folder, 'app', 'out', 'preload', 'index.cjs');
  }

  get #args(): string[] {
    return ['-r', join(this.folder, 'app', 'prelude.cjs'), join(this.folder, 'app')];
  }

  get #env(): Record<string, string> {
    const { PATH = '' } = process.env;
    const user = join(this.folder, 'user');
    return {
      PATH,
      DISPLAY: this.#display.name,
      HOME: user,
      XDG_RUNTIME_DIR: user,
      XDG_CONFIG_HOME: user,
      SEALIFT_HOME: this.home,
      SEALIFT_NODE: process.execPath,
    };
  }
}

/** Writes the window's code for that version to a folder. */
export async function buildApp(folder: string): Promise<void> {
  await build({
    logLevel: 'error',
    configFile: false,
    ssr: { noExternal: true, external: ['electron'] },
    build: {
      ssr: 'out/main/electron.js',
      target: 'node16',
      outDir: join(folder, 'out', 'main'),
      rollupOptions: { external: ['electron'], output: { format: 'cjs', entryFileNames: 'electron.cjs' } },
    },
    // Keeps out the recorder that other tests use.
    resolve: { alias: [] },
  });
  for (const path of ['renderer', 'preload', 'main/cli.js'])
    await symlink(resolve('out', path), join(folder, 'out', path));
  await cp('test/fakes/electron-22-prelude.cjs', join(folder, 'prelude.cjs'));
  await writeFile(join(folder, 'package.json'), '{"name":"sealift","version":"0.0.0","main":"out/main/electron.cjs"}');
}

/** Starts a virtual display. */
export async function openDisplay(): Promise<{ child: ChildProcess; name: string }> {
  const args = ['-displayfd', '3', '-screen', '0', '1400x1000x24', '-nolisten', 'tcp', '-ac'];
  const child = spawn('Xvfb', args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const [number] = (await once(child.stdio[3] as Readable, 'data')) as [Buffer];
  return { child, name: `:${String(number).trim()}` };
}
