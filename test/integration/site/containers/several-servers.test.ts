import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { restartModel } from '../../../../src/main/core/site/containers/restart-model.ts';
import { sitePaths } from '../../../../src/main/core/sites/site-paths.ts';
import { contractImage } from '../../../fakes/contract-image.ts';
import { missing } from '../../../needs.ts';
import { type ContainerStage, engineListing, openContainerStage } from '../../../scenes/container-stage.ts';
import { dockerIsThere } from '../../../scenes/docker-is-there.ts';
import { besideSafetensors, gguf, safetensors, smallConfig } from '../../../scenes/make-sources.ts';
import { ownName } from '../../../scenes/own-name.ts';

const lacks = missing('a running dockerd', dockerIsThere) || missing('go') || missing('curl');
const registry = `${ownName('sealift-list')}.example`;
const gatewayImage = `${registry}/model-gateway:self-hosted-v18.9.0-ee`;
const images = { vllm: `${registry}/vllm:1`, ollama: `${registry}/ollama:1` };
const site = ownName('ctr-list');
const name = (part: string) => `sealift-${site}-${part}`;
const coder = {
  ...{ engine: 'vllm', name: 'weights', servedName: 'coder', image: images.vllm, gpu: 'none' },
  features: ['CODE_COMPLETIONS'],
};
const talker = {
  ...{ engine: 'ollama', name: 'tiny', servedName: 'talker', image: images.ollama, gpu: 'none' },
  features: ['DUO_CHAT'],
};
const second = { ...talker, servedName: 'second', features: ['CODE_GENERATIONS'] };

describe.skipIf(lacks)('model servers of a list in containers', { timeout: 180_000 }, () => {
  let stage: ContainerStage;
  beforeAll(async () => {
    stage = await openContainerStage(site, gatewayImage, 9);
    await contractImage(stage.engine, gatewayImage, 'gateway');
    for (const part of ['vllm', 'ollama'] as const) await contractImage(stage.engine, images[part], part);
    await stage.importModel('weights', {
      ...besideSafetensors,
      'model.safetensors': safetensors(5000),
      'config.json': JSON.stringify(smallConfig),
    });
    await stage.importModel('tiny', { 'tiny.gguf': gguf(64) });
  }, 600_000);
  afterAll(async () => {
    for (const image of [gatewayImage, ...Object.values(images)])
      await stage?.engine.docker.getImage(image).remove({ force: true });
    await stage?.close();
  });

  const write = (...models: object[]) =>
    stage.write({ model: undefined as never, models: models.map((one) => ({ subnet: stage.modelSubnet, ...one })) });
  const inspect = (part: string) => stage.engine.docker.getContainer(name(part)).inspect();
  const deploy = async (...more: string[]) => {
    const run = await stage.run('deploy', stage.siteFile, ...more);
    expect(run.json.error).toBeUndefined();
    return (run.json.data as { steps: { id: string; state: string; title: string }[] }).steps;
  };
  const answerOf = async (model: string) => (await stage.askFront(model)).text;
  const addressOf = async (part: string) =>
    (await inspect(part)).NetworkSettings.Networks[`sealift-${site}-model`]?.IPAddress;

  it('are planned, deployed in their order, kept, looked at, and answer under their names', async () => {
    await write(coder, talker, second);
    const plan = await deploy('--plan');
    const ids = plan.map((one) => one.id);
    expect(ids).toEqual([...new Set(ids)]);
    expect(ids.filter((id) => id.startsWith('container.model-'))).toEqual([
      ...['container.model-coder', 'container.model-talker', 'container.model-second'],
      ...['container.model-talker-weights', 'container.model-second-weights'],
    ]);
    expect(plan.find((one) => one.id === 'container.model-coder')?.title).toContain('of coder');
    expect(await engineListing(stage.engine, site)).toEqual([]);

    await deploy();
    for (const model of ['coder', 'talker', 'second'])
      expect(await answerOf(model)).toContain(`SIMULATED answer of ${model}`);
    expect((await stage.askFront('other')).status).toBe(404);
    expect((await deploy()).filter((one) => one.state !== 'kept')).toEqual([]);

    const { data } = (await stage.run('status', '--site', site)).json as {
      data: { parts: object[]; findings: object[] };
    };
    for (const part of ['model-coder', 'model-talker', 'model-second'])
      expect(data.parts).toContainEqual(
        expect.objectContaining({ name: part, kind: 'container', state: 'running', simulated: true }),
      );
    expect(data.findings).toEqual([]);
    const log = await stage.run('logs', '--site', site, '--part', 'model-talker');
    expect(log.stdout).toContain('SIMULATED listens on');
  });

  it('are changed one by one: what stays as it is keeps running', async () => {
    const kept = (await inspect('model-coder')).Id;
    const before = (await inspect('model-talker')).Id;
    await write(coder, { ...talker, contextTokens: 2048 }, second);
    const changed = (await deploy()).filter((one) => one.state === 'changed').map((one) => one.id);
    expect(changed).toContain('container.model-talker');
    expect((await inspect('model-coder')).Id).toBe(kept);
    expect((await inspect('model-talker')).Id).not.toBe(before);
    expect(await answerOf('talker')).toContain('SIMULATED answer of talker');
  });

  it('exchange their places, and leave when the list no longer has them', async () => {
    const [first, last] = [await addressOf('model-coder'), await addressOf('model-second')];
    await write(second, talker, coder);
    await deploy();
    expect([await addressOf('model-second'), await addressOf('model-coder')]).toEqual([first, last]);
    for (const model of ['coder', 'second']) expect(await answerOf(model)).toContain(`answer of ${model}`);
    await write(second, coder);
    expect((await deploy()).map((one) => one.id)).toContain(`obsolete.${name('model-talker')}`);
    expect((await engineListing(stage.engine, site)).join()).not.toContain('model-talker,');
    expect(await answerOf('coder')).toContain('SIMULATED answer of coder');
  });

  it('are restarted alone', async () => {
    const paths = sitePaths(join(stage.home, 'data/sites'), site);
    const before = (await inspect('model-second')).State.StartedAt;
    expect(await restartModel(paths, new AbortController().signal, 'model-coder')).toEqual([name('model-coder')]);
    expect((await inspect('model-second')).State.StartedAt).toBe(before);
  });

  it('are stopped, started and removed together', async () => {
    expect((await stage.run('stop', '--site', site)).json.ok).toBe(true);
    for (const part of ['model-coder', 'model-second']) expect((await inspect(part)).State.Running).toBe(false);
    expect((await stage.run('start', '--site', site)).json.ok).toBe(true);
    await expect.poll(() => answerOf('second'), { timeout: 30_000 }).toContain('SIMULATED answer of second');
    await stage.removeSite();
    expect(await engineListing(stage.engine, site)).toEqual([]);
  });
});
