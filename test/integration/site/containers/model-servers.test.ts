import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { askFromInside } from '../../../../src/main/core/engine/ask-from-inside.ts';
import type { ModelServing } from '../../../../src/shared/contract/model-serving.ts';
import { contractImage } from '../../../fakes/contract-image.ts';
import { missing } from '../../../needs.ts';
import { type ContainerStage, engineListing, openContainerStage } from '../../../scenes/container-stage.ts';
import { dockerIsThere } from '../../../scenes/docker-is-there.ts';
import { besideSafetensors, gguf, safetensors, smallConfig } from '../../../scenes/make-sources.ts';
import { ownName } from '../../../scenes/own-name.ts';

const lacks = missing('a running dockerd', dockerIsThere) || missing('go') || missing('curl');
const registry = `${ownName('sealift-mod')}.example`;
const gatewayImage = `${registry}/model-gateway:self-hosted-v18.9.0-ee`;
const oldGatewayImage = `${registry}/model-gateway:gitlab-v17.3.0`;
const images = { vllm: `${registry}/vllm:1`, ollama: `${registry}/ollama:1`, litellm: `${registry}/litellm:1` };
const site = ownName('ctr-models');
const name = (part: string) => `sealift-${site}-${part}`;

const servers = {
  vllm: {
    change: {
      model: {
        engine: 'vllm',
        name: 'weights',
        servedName: 'mistral',
        family: 'MISTRAL',
        endpoint: undefined,
        image: images.vllm,
        gpu: 'none',
        vllm: { maxNumSeqs: 8 },
      },
    },
    parts: ['model'],
    answer: 'SIMULATED answer of mistral',
  },
  ollama: {
    change: {
      model: {
        engine: 'ollama',
        name: 'tiny',
        servedName: 'mistral',
        endpoint: undefined,
        image: images.ollama,
        gpu: 'none',
      },
    },
    parts: ['ollama'],
    answer: 'SIMULATED answer of mistral',
  },
  'litellm-ollama': {
    change: {
      gitlab: { version: '17.3' },
      gateway: { image: oldGatewayImage },
      model: {
        engine: 'litellm-ollama',
        name: 'tiny',
        servedName: 'mistral',
        endpoint: undefined,
        image: images.ollama,
        litellmImage: images.litellm,
        gpu: 'none',
      },
    },
    parts: ['ollama', 'litellm'],
    answer: 'SIMULATED answer of mistral:latest through LiteLLM',
  },
};

describe.skipIf(lacks)('a model server in containers', { timeout: 180_000 }, () => {
  let stage: ContainerStage;
  beforeAll(async () => {
    stage = await openContainerStage(site, gatewayImage, 9);
    await contractImage(stage.engine, gatewayImage, 'gateway');
    await contractImage(stage.engine, oldGatewayImage, 'gateway');
    for (const part of ['vllm', 'ollama', 'litellm'] as const) await contractImage(stage.engine, images[part], part);
    await stage.importModel('weights', {
      ...besideSafetensors,
      'model.safetensors': safetensors(5000),
      'config.json': JSON.stringify(smallConfig),
    });
    const files = {
      ...besideSafetensors,
      'model.safetensors': safetensors(5000),
      'config.json': JSON.stringify({ ...smallConfig, max_position_embeddings: 65_536 }),
    };
    await stage.importModel('split', files);
    await stage.importModel('tiny', { 'tiny.gguf': gguf(64) });
  }, 600_000);
  afterEach(async () => {
    await stage.removeSite();
    expect(await engineListing(stage.engine, site)).toEqual([]);
  }, 60_000);
  afterAll(async () => {
    for (const image of [gatewayImage, oldGatewayImage, ...Object.values(images)])
      await stage?.engine.docker.getImage(image).remove({ force: true });
    await stage?.close();
  });

  const write = ({ model, ...change }: { model: object; [group: string]: object }) =>
    stage.write({ ...change, model: { subnet: stage.modelSubnet, ...model } });
  const inspect = (part: string) => stage.engine.docker.getContainer(name(part)).inspect();
  const ids = async (parts: string[]) =>
    Promise.all([...parts, 'gateway'].map(async (part) => (await inspect(part)).Id));
  const states = (run: Awaited<ReturnType<ContainerStage['run']>>) =>
    (run.json.data as { steps: { id: string; state: string }[] }).steps;

  it.each(Object.entries(servers))(
    '%s is planned, deployed, kept, looked at, stopped, started and removed',
    async (engine, server) => {
      await write(server.change);
      const plan = await stage.run('deploy', stage.siteFile, '--plan');
      expect(plan.json).toMatchObject({
        ok: true,
        data: { simulated: true, findings: engine === 'litellm-ollama' ? [{}] : [] },
      });
      expect(states(plan).map((one) => one.id)).toEqual(
        expect.arrayContaining([...server.parts, 'gateway'].map((part) => `container.${part}`)),
      );
      expect(await engineListing(stage.engine, site)).toEqual([]);

      const first = await stage.run('deploy', stage.siteFile);
      expect(first.json.error).toBeUndefined();
      expect(first.json.data).toMatchObject({ simulated: true });
      const made = await ids(server.parts);
      expect(await stage.askFront('mistral')).toMatchObject({
        status: 200,
        text: expect.stringContaining(server.answer),
      });
      if (engine === 'vllm') await vllmIsAsPlanned();
      const again = await stage.run('deploy', stage.siteFile);
      expect(states(again).filter((one) => one.state !== 'kept')).toEqual([]);
      expect(await ids(server.parts)).toEqual(made);

      const { data } = (await stage.run('status', '--site', site)).json as {
        data: {
          parts: { name: string; kind: string; state: string; simulated?: boolean }[];
          findings: { severity: string }[];
        };
      };
      for (const part of server.parts)
        expect(data.parts).toContainEqual(
          expect.objectContaining({ name: part, kind: 'container', state: 'running', simulated: true }),
        );
      expect(data.findings).toEqual([]);
      for (const part of server.parts) {
        const log = await stage.run('logs', '--site', site, '--part', part);
        expect(log.stdout).toContain('SIMULATED listens on');
      }

      expect((await stage.run('stop', '--site', site)).json).toMatchObject({ data: { wasRunning: true } });
      for (const part of server.parts) expect((await inspect(part)).State.Running).toBe(false);
      const stopped = await stage.run('status', '--site', site);
      for (const part of server.parts) expect(stopped.stdout).toContain(`${part} is stopped`);
      expect((await stage.run('start', '--site', site)).json).toMatchObject({ ok: true });
      expect(await ids(server.parts)).toEqual(made);
      expect(await stage.askFront('mistral')).toMatchObject({ status: 200 });

      const gone = await stage.run('uninstall', '--site', site, '--yes', '--keep-weights');
      expect(gone.json).toMatchObject({ ok: true });
    },
  );

  it('vLLM is spread over the GPUs, stays so when they cannot be queried, and its figures show next to ours', async () => {
    await stage.write({ model: { ...servers.vllm.change.model, name: 'split' } });
    const path = process.env.PATH;
    const bin = await mkdtemp(join(tmpdir(), 'sealift-smi-'));
    const card = '24564, 24000, 580.65.06, 8.9, Disabled, NVIDIA L4';
    await writeFile(join(bin, 'nvidia-smi'), `#!/bin/sh\necho '${card}'\necho '${card}'\n`, { mode: 0o755 });
    try {
      process.env.PATH = `${bin}:${path}`;
      const plan = await stage.run('deploy', stage.siteFile, '--plan');
      expect(JSON.stringify(plan.json)).toContain('Tensor parallel 2: the largest power of two up to 2 GPUs');
      const { data } = (await stage.run('deploy', stage.siteFile)).json as { data: { serving: ModelServing } };
      expect(data.serving.parallel).toMatchObject({ tensorParallel: 2, pipelineParallel: 1, chosenBy: 'rule' });
      expect(data.serving.measured).toEqual({
        weightsBytes: 9 * 2 ** 30,
        kvCacheBytes: 16.5 * 2 ** 30,
        kvCapacityTokens: 643_232,
        maxConcurrency: 15.7,
      });
      expect(data.serving.estimate?.kvCapacityTokens).toBeGreaterThan(0);
    } finally {
      process.env.PATH = path;
      await rm(bin, { recursive: true });
    }
    expect((await inspect('model')).Args.join(' ')).toContain('--tensor-parallel-size 2');
    const status = await stage.run('status', '--site', site);
    expect((status.json.data as { findings: object[] }).findings).toEqual([]);
    expect(status.stdout).toContain('643232');
    const again = await stage.run('deploy', stage.siteFile);
    expect(states(again).filter((one) => one.state !== 'kept')).toEqual([]);
  });

  /** vLLM has its arguments, read-only weights, and no way to another network. */
  async function vllmIsAsPlanned(): Promise<void> {
    const { stdout: log } = await stage.run('logs', '--site', site, '--part', 'model');
    expect(log).toContain(
      '--model /model --served-model-name mistral --host 0.0.0.0 --port 8000 --max-model-len 4096 --tensor-parallel-size 1 ' +
        '--max-num-seqs 8 --enable-auto-tool-choice --tool-call-parser mistral',
    );
    expect(log).toContain('model.safetensors');
    expect(log).toContain('writing weights: open /model/x: read-only file system');
    const { Id: id } = await inspect('model');
    const other = (await inspect('gateway')).NetworkSettings.Networks[`sealift-${site}`]?.IPAddress;
    const ask = (url: string) =>
      askFromInside(stage.engine, id, { method: 'GET', url, timeoutMs: 10_000 }, new AbortController().signal);
    expect(await ask('http://model:8000/health')).toMatchObject({ kind: 'answer', status: 200 });
    // Docker takes its barrier between networks away for a moment when it makes a network, as tests beside this one do.
    await expect
      .poll(() => ask(`http://${other}:5052/monitoring/healthz`), { timeout: 60_000 })
      .toMatchObject({ kind: 'failure' });
  }
});
