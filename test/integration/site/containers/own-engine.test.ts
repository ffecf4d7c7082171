import { closeSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { type ContractPart, contractImage } from '../../../fakes/contract-image.ts';
import { missing } from '../../../needs.ts';
import { startSealift } from '../../../run-sealift.ts';
import { type ContainerStage, openContainerStage } from '../../../scenes/container-stage.ts';
import { besideSafetensors, gguf, safetensors } from '../../../scenes/make-sources.ts';
import { dockerdIsThere, OwnDockerd } from '../../../scenes/own-dockerd.ts';

const lacks = missing('dockerd, as root,', dockerdIsThere) || missing('go') || missing('curl');
const image = 'sealift-own-test.example/server:1';

describe.skipIf(lacks)('deploying on an engine with troubles', { timeout: 180_000 }, () => {
  let dockerd: OwnDockerd;
  let stage: ContainerStage;
  afterEach(async () => {
    await dockerd.startAgain().catch(() => undefined);
    await stage?.close();
    await dockerd.stop();
  }, 60_000);

  const open = async (
    part: ContractPart & ('vllm' | 'ollama'),
    options: Parameters<typeof OwnDockerd.start>[0] & { fault?: string; ggufElements?: number; gpu?: string },
  ) => {
    dockerd = await OwnDockerd.start(options);
    stage = await openContainerStage('own-engine', 'unused.example/gateway:1', 9, dockerd.address);
    await contractImage(stage.engine, image, part, options.fault ? { env: [`CONTRACT_FAULT=${options.fault}`] } : {});
    await stage.importModel('weights', {
      ...besideSafetensors,
      'model.safetensors': safetensors(5000),
      'tiny.gguf': gguf(options.ggufElements ?? 64),
    });
    await stage.write({
      engineHost: dockerd.address,
      gitlab: { url: `http://127.0.0.1:${stage.ports.gitlab}` },
      gateway: { kind: 'simulated', image: undefined, subnet: undefined },
      model: {
        engine: part,
        name: 'weights',
        servedName: 'mistral',
        endpoint: undefined,
        gpu: options.gpu ?? 'none',
        image,
      },
    });
  };
  /** Starts deploy and calls back as soon as its container is there; gives how deploy ended. */
  const deployUntilContainer = async (act: () => Promise<void>) => {
    const deploying = startSealift(['--home', join(stage.home, 'data'), '--json', 'deploy', stage.siteFile]);
    const found = async () => (await stage.engine.docker.listContainers().catch(() => [])).length > 0;
    while (!(await found())) await sleep(50);
    await act();
    return deploying.ended;
  };

  it('is reported as gone, and works again when it is back', async () => {
    await open('vllm', { sizeMiB: 300, fault: 'slow' });
    const gone = await deployUntilContainer(() => dockerd.kill());
    expect(gone).toMatchObject({ exitCode: 4, json: { error: { code: 'engine.gone' } } });
    expect(gone.stdout).toContain('then try again: it resumes where it stopped');
    const away = await stage.run('deploy', stage.siteFile);
    expect(away).toMatchObject({ exitCode: 4, json: { error: { code: 'engine.absent' } } });
    const status = await stage.run('status', '--site', stage.site);
    expect(status.stdout).toContain('No container engine answers');
    await dockerd.startAgain();
    expect((await stage.run('deploy', stage.siteFile)).json.error).toBeUndefined();
    expect((await stage.askFront('mistral', '127.0.0.1')).text).toContain('SIMULATED answer');
  });

  it('that restarts in the middle: the next deploy completes, with one container', async () => {
    await open('vllm', { sizeMiB: 300, fault: 'slow' });
    const restarted = await deployUntilContainer(() => dockerd.restart());
    // Whether deploy notices depends on where it just was; it never blames the container that the engine stopped.
    if (!restarted.json.ok) expect(['engine.gone', 'site.front-unhealthy']).toContain(restarted.json.error?.code);
    expect((await stage.run('deploy', stage.siteFile)).json.error).toBeUndefined();
    const all = await stage.engine.docker.listContainers({ all: true });
    expect(all.map((one) => one.Names)).toEqual([['/sealift-own-engine-model']]);
  });

  it('whose networks are not on this machine is refused at once', async () => {
    await open('vllm', { sizeMiB: 300, isApart: true });
    const run = await stage.run('deploy', stage.siteFile);
    expect(run).toMatchObject({ exitCode: 3, json: { error: { code: 'engine.apart' } } });
    expect((await stage.run('uninstall', '--yes', '--keep-weights')).json.ok).toBe(true);
    const left = await stage.engine.docker.listNetworks({ filters: { label: ['app.sealift.site'] } });
    expect(left).toEqual([]);
  });

  it('that is full is reported with its path, and deploy resumes when there is room', async () => {
    await open('vllm', { sizeMiB: 300 });
    const filler = fill(dockerd.dataRoot, 0);
    const run = await stage.run('deploy', stage.siteFile);
    expect(run).toMatchObject({
      exitCode: 3,
      json: { error: { code: 'engine.full', details: { dataRoot: dockerd.dataRoot } } },
    });
    rmSync(filler);
    expect((await stage.run('deploy', stage.siteFile)).json.error).toBeUndefined();
  });

  it('with a runtime for GPUs is asked for all of them', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sealift-hook-'));
    // dockerd calls NVIDIA's hook before such a container starts; this one only writes down that it was called.
    const hook = join(folder, 'nvidia-container-runtime-hook');
    await writeFile(hook, `#!/bin/sh\necho "$@" >> ${folder}/called\n`, { mode: 0o755 });
    try {
      const args = ['--add-runtime', 'nvidia=runc'];
      await open('vllm', { sizeMiB: 300, args, env: { PATH: `${folder}:${process.env.PATH}` }, gpu: 'auto' });
      const plan = await stage.run('deploy', stage.siteFile, '--plan');
      expect(plan.stdout).toContain('GPUs by nvidia-runtime');
      expect((await stage.run('deploy', stage.siteFile)).json.error).toBeUndefined();
      expect(await readFile(join(folder, 'called'), 'utf8')).toContain('prestart');
      const { HostConfig: host } = await stage.engine.docker.getContainer('sealift-own-engine-model').inspect();
      expect(host.DeviceRequests).toMatchObject([{ Driver: 'nvidia', Count: -1, Capabilities: [['gpu']] }]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("without room for Ollama's copy of the weights is refused before anything is made", async () => {
    await open('ollama', { sizeMiB: 300, ggufElements: 8 * 1024 * 1024 });
    const filler = fill(dockerd.dataRoot, 40 * 1024 * 1024);
    const run = await stage.run('deploy', stage.siteFile);
    expect(run).toMatchObject({
      exitCode: 3,
      json: { error: { code: 'space.short', details: { path: dockerd.dataRoot } } },
    });
    expect(await stage.engine.docker.listContainers({ all: true })).toEqual([]);
    rmSync(filler);
    expect((await stage.run('deploy', stage.siteFile)).json.error).toBeUndefined();
  });
});

/** Fills a filesystem except for what must stay free; returns the file that does. */
function fill(folder: string, leaveBytes: number): string {
  const path = join(folder, 'filler');
  const file = openSync(path, 'w');
  try {
    for (;;) {
      const { bavail, bsize } = statfsSync(folder);
      const count = Math.min(1024 * 1024, bavail * bsize - leaveBytes);
      if (count <= 0) return path;
      writeSync(file, Buffer.alloc(count, 1));
    }
  } catch {
    return path;
  } finally {
    closeSync(file);
  }
}
