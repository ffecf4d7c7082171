import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import type { z } from 'zod';
import { createCore } from '../../src/main/core/create-core.ts';
import type { CorePorts } from '../../src/main/core/ports.ts';
import { forkWorker } from '../../src/main/core/processes/fork.ts';
import { isSameProcess, processStart } from '../../src/main/core/processes/identity.ts';
import { freePorts } from '../../src/main/core/rehearse/free-ports.ts';
import { type InnerCore, openInnerCore } from '../../src/main/core/rehearse/inner-core.ts';
import { writeTinyModel } from '../../src/main/core/rehearse/tiny-model.ts';
import { homePaths } from '../../src/main/core/settings/paths.ts';
import { readServiceStatus, type ServiceStatus } from '../../src/main/core/site/status/service-status.ts';
import { type SitePaths, sitePaths } from '../../src/main/core/sites/site-paths.ts';
import { quietWork } from '../../src/main/core/work.ts';
import { contract } from '../../src/shared/contract/index.ts';
import type { siteFile } from '../../src/shared/site-file.ts';
import { runHere } from '../run-here.ts';
import { builtWorkers, type Run, startSealift } from '../run-sealift.ts';
import { placeKeys } from './site-keys.ts';

type SiteInput = z.input<typeof siteFile>;
type Answers = SiteInput & { model: NonNullable<SiteInput['model']> };

const waitMs = 40_000;

/** A data folder on which the command line works, with a tiny model in its store and free ports for one site. */
export class SiteScene {
  readonly folder: string;
  readonly home: string;
  readonly ports: { gitlab: number; gateway: number; grpc: number; front: number };

  private constructor(folder: string, ports: SiteScene['ports']) {
    this.folder = folder;
    this.home = join(folder, 'home');
    this.ports = ports;
  }

  /** Opens a scene that ends with the running test, whatever becomes of it: then all its processes are ended. */
  static async open(models: string[] = ['tiny']): Promise<SiteScene> {
    const scene = await SiteScene.#make();
    onTestFinished(() => scene.close());
    if (models.length > 0) await scene.importModels();
    return scene;
  }

  /** Opens a scene on which the command line has deployed the site `plant`, for several tests: whoever opens it closes it. */
  static async deployed(change?: (site: Answers) => void): Promise<SiteScene> {
    const scene = await SiteScene.#make();
    try {
      await scene.importModels();
      await placeKeys(scene.paths());
      // By a process that ends, as a person's: what it started must go on without it.
      const run = await scene.start('deploy', await scene.writeSite(change)).ended;
      if (run.exitCode !== 0) throw new Error(`the scene was not deployed: ${run.stdout}${run.stderr}`);
      return scene;
    } catch (error) {
      await scene.close();
      throw error;
    }
  }

  static async #make(): Promise<SiteScene> {
    const folder = await mkdtemp(join(tmpdir(), 'sealift-site-'));
    const [gitlab = 0, gateway = 0, grpc = 0, front = 0] = await freePorts(4);
    return new SiteScene(folder, { gitlab, gateway, grpc, front });
  }

  /** The media with the tiny model, brought in again: trusts their key first. */
  async importModels(): Promise<void> {
    const { media, fingerprint } = await packedModels();
    await this.withCore(async (core) => {
      await core.client.keys.trust({ key: { fingerprint }, label: 'packer' });
      await core.follow(contract.imports.run, core.client.imports.run({ dirs: [media] }));
    });
  }

  /** A file set, packed and brought in by the product itself. */
  async importFiles(name: string, paths: string[]): Promise<void> {
    const { media, fingerprint } = await packContents(this.folder, [{ kind: 'files', name, paths }]);
    await this.withCore(async (core) => {
      await core.client.keys.trust({ key: { fingerprint }, label: `packer of ${name}` });
      await core.follow(contract.imports.run, core.client.imports.run({ dirs: [media] }));
    });
  }

  /** A core in this process on the data folder of the scene, holding its lock. */
  async withCore<T>(body: (core: InnerCore) => Promise<T>): Promise<T> {
    const core = await openInnerCore(createCore, testPorts(this.home), this.home, quietWork());
    try {
      return await body(core);
    } finally {
      await core.close();
    }
  }

  /** Writes a site file; `change` alters the answers of a whole rehearsal-like site named `plant`. Gives its path. */
  async writeSite(change: (site: Answers) => void = () => undefined, file = 'site.yaml'): Promise<string> {
    const { gitlab, gateway, grpc, front } = this.ports;
    const site: Answers = {
      sealift: 1,
      name: 'plant',
      gitlab: { url: `http://127.0.0.1:${gitlab}`, version: '18.9', simulated: true },
      gateway: { kind: 'simulated', httpPort: gateway, grpcPort: grpc },
      model: { engine: 'llamacpp', name: 'tiny', servedName: 'tiny' },
      front: { port: front },
    };
    change(site);
    const path = join(this.folder, file);
    await writeFile(path, stringify(site));
    return path;
  }

  /** Runs a command with `--json` on the scene's data folder, in this process. */
  run(...args: string[]): Promise<Run> {
    return runHere('--home', this.home, '--json', ...args);
  }

  /** Starts a command as a process of its own, and does not wait for its end. */
  start(...args: string[]): ReturnType<typeof startSealift> {
    return startSealift(['--home', this.home, '--json', ...args]);
  }

  paths(name = 'plant'): SitePaths {
    return sitePaths(join(this.home, 'sites'), name);
  }

  /** How a site is, without a process of its own. */
  condition(name = 'plant'): Promise<ServiceStatus> {
    return readServiceStatus(this.paths(name), new Date());
  }

  /** The condition of a site as soon as it passes. */
  async until(passes: (now: ServiceStatus) => boolean, name = 'plant'): Promise<ServiceStatus> {
    const end = Date.now() + waitMs;
    for (;;) {
      const now = await this.condition(name);
      if (passes(now)) return now;
      if (Date.now() > end) throw new Error(`never came to pass: ${JSON.stringify(now)}`);
      await sleep(50);
    }
  }

  /** Process numbers by part name, and that of the service. */
  async pids(name = 'plant'): Promise<Record<string, number | undefined>> {
    const { site, parts } = await this.condition(name);
    return { service: site.pid, ...Object.fromEntries(parts.map((part) => [part.name, part.pid])) };
  }

  /** Processes of the scene that its service does not know. */
  async strangers(name = 'plant'): Promise<number[]> {
    const known = Object.values(await this.pids(name));
    return (await processesNaming(this.folder)).filter((pid) => !known.includes(pid));
  }

  /** What the model behind the front says. */
  async ask(port = this.ports.front, name = 'plant'): Promise<{ status: number; text: string }> {
    const key = (await readFile(join(this.paths(name).secrets, 'front-api-key'), 'utf8')).trim();
    const answer = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'tiny', messages: [{ role: 'user', content: 'Hello?' }] }),
    });
    return { status: answer.status, text: await answer.text() };
  }

  /** Ends every process that belongs to the scene, then removes its folder. */
  async close(): Promise<void> {
    const own = await processesNaming(this.folder);
    const known = await Promise.all(
      [...own, ...(await childrenOf(own))].map(async (pid) => ({ pid, start: await processStart(pid) })),
    );
    for (const pid of own) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended by itself meanwhile.
      }
    }
    for (const { pid, start } of known) await untilGone(pid, start);
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Ends one process by force. Refuses to guess: process number 0 would be this very process and all its kin. */
export function killHard(pid: number | undefined): void {
  if (!pid || pid <= 1) throw new Error('there is no such process to kill');
  process.kill(pid, 'SIGKILL');
}

/** Waits until a process is gone; fails when it stays. */
export async function untilGone(pid: number | undefined, start?: string): Promise<void> {
  if (pid === undefined) throw new Error('no process was there to wait for');
  const end = Date.now() + waitMs;
  const wanted = start ?? (await processStart(pid));
  while (wanted !== '' && (await isSameProcess(pid, wanted))) {
    if (Date.now() > end) throw new Error(`process ${pid} is still there`);
    await sleep(50);
  }
}

/** Everything below a folder, one line each: path, kind, mode, size, time of change, hash of the content. Links and sockets are named, not followed. */
export async function listing(folder: string, options: { times: boolean } = { times: true }): Promise<string[]> {
  const lines: string[] = [];
  const visit = async (path: string): Promise<void> => {
    const stat = await lstat(path).catch(() => undefined);
    if (!stat) return;
    const kind = stat.isDirectory() ? 'folder' : stat.isFile() ? 'file' : 'other';
    const content =
      kind === 'file'
        ? createHash('sha256')
            .update(await readFile(path))
            .digest('hex')
        : '';
    const size = kind === 'file' ? stat.size : 0;
    const time = options.times ? ` ${stat.mtimeMs}` : '';
    lines.push(`${relative(folder, path)} ${kind} ${(stat.mode & 0o777).toString(8)} ${size}${time} ${content}`);
    if (kind === 'folder') for (const name of await readdir(path)) await visit(join(path, name));
  };
  await visit(folder);
  return lines.sort();
}

let packed: Promise<{ media: string; fingerprint: string }> | undefined;

/** One medium with the model `tiny`, packed by the product itself, once for all test files of a process. */
function packedModels(): Promise<{ media: string; fingerprint: string }> {
  packed ??= packModels();
  return packed;
}

async function packModels(): Promise<{ media: string; fingerprint: string }> {
  const folder = await mkdtemp(join(inject('shared'), 'site-media-'));
  const model = await writeTinyModel(join(folder, 'tiny.gguf'));
  return packContents(folder, [{ kind: 'model', name: 'tiny', path: model.path, licence: 'Apache-2.0' }]);
}

/** One medium with these contents, in a folder that has room for it and for the packer's data. */
async function packContents(folder: string, contents: object[]): Promise<{ media: string; fingerprint: string }> {
  const home = join(folder, 'packer');
  const media = join(folder, 'media');
  await mkdir(media);
  const spec = join(folder, 'bundle.yaml');
  await writeFile(spec, stringify({ bundle: 1, name: 'scene', contents }));
  const core = await openInnerCore(createCore, testPorts(home), home, quietWork());
  try {
    const { fingerprint } = await core.client.keys.create({ name: 'packer' });
    await core.follow(contract.bundle.pack, core.client.bundle.pack({ spec, to: [media], key: 'packer' }));
    return { media, fingerprint };
  } finally {
    await core.close();
  }
}

/** Ports of a core of tests, on a data folder. */
export function testPorts(home: string): CorePorts {
  const nothing = () => undefined;
  return {
    paths: homePaths(home),
    resources: resolve('resources'),
    workers: builtWorkers,
    node: process.execPath,
    version: '0.0.0',
    shell: { kind: 'cli', capabilities: [] },
    hasWindow: false,
    now: () => new Date(),
    log: { info: nothing, warn: nothing, error: nothing },
    fork: (worker) => forkWorker(join(builtWorkers, `${worker}.js`)),
  };
}

/** Processes whose command line holds a text. */
async function processesNaming(text: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return pids.filter((pid, at) => pid !== process.pid && lines[at]?.includes(text));
}

async function childrenOf(parents: number[]): Promise<number[]> {
  if (parents.length === 0) return [];
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  const pairs = rows.map((row) => row.trim().split(/\s+/).map(Number));
  return pairs.flatMap(([pid, parent]) => (pid !== undefined && parents.includes(parent ?? -1) ? [pid] : []));
}
