import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../../../../src/main/core/rehearse/free-ports.ts';
import { contractImage } from '../../../fakes/contract-image.ts';
import { type OpenaiServer, startOpenaiServer } from '../../../fakes/openai-server.ts';
import { missing } from '../../../needs.ts';
import { type ContainerStage, engineListing, openContainerStage } from '../../../scenes/container-stage.ts';
import { dockerIsThere } from '../../../scenes/docker-is-there.ts';
import { besideSafetensors, safetensors, smallConfig } from '../../../scenes/make-sources.ts';
import { ownName } from '../../../scenes/own-name.ts';

const lacks = missing('a running dockerd', dockerIsThere) || missing('go') || missing('curl');
const site = ownName('ctr-shared');
const registry = `${ownName('sealift-shared')}.example`;
const images = { gateway: `${registry}/model-gateway:self-hosted-v18.9.0-ee`, vllm: `${registry}/vllm:1` };
const names = { gateway: `sealift-${site}-gateway`, model: `sealift-${site}-model` };

describe.skipIf(lacks)('two data folders that use one engine for sites of one name', { timeout: 120_000 }, () => {
  let upstream: OpenaiServer;
  let hers: ContainerStage;
  let his: ContainerStage;
  beforeAll(async () => {
    upstream = await startOpenaiServer('', 'served');
    upstream.instead = (_request, response) => response.end('{"object":"list","data":[]}');
    hers = await openContainerStage(site, images.gateway, upstream.port);
    his = await openContainerStage(site, images.gateway, upstream.port);
    for (const part of ['gateway', 'vllm'] as const) await contractImage(hers.engine, images[part], part);
    await his.importModel('weights', {
      ...besideSafetensors,
      'model.safetensors': safetensors(5000),
      'config.json': JSON.stringify(smallConfig),
    });
  }, 600_000);
  afterEach(async () => {
    await his.removeSite();
    await hers.removeSite();
    expect(await engineListing(hers.engine, site)).toEqual([]);
  }, 60_000);
  afterAll(async () => {
    for (const image of Object.values(images)) await hers?.engine.docker.getImage(image).remove({ force: true });
    await his?.close();
    await hers?.close();
    await upstream?.stop();
  });

  const inspect = async (name: string) => {
    const { Id, State } = await hers.engine.docker.getContainer(name).inspect();
    return { Id, StartedAt: State.StartedAt, Running: State.Running };
  };
  const errorOf = (run: Awaited<ReturnType<ContainerStage['run']>>) => run.json.error;
  const findingIds = (run: Awaited<ReturnType<ContainerStage['run']>>) =>
    (run.json.data as { findings: { id: string }[] }).findings.map((one) => one.id);

  it('refuses the name of a container that the other made, and leaves it alone', async () => {
    await hers.write();
    expect(errorOf(await hers.run('deploy', hers.siteFile))).toBeUndefined();
    const before = await inspect(names.gateway);
    // Free at this moment: other tests take ports too.
    const [httpPort = 0, grpcPort = 0] = await freePorts(2);
    await his.write({ gateway: { httpPort, grpcPort } });
    expect(findingIds(await his.run('deploy', his.siteFile, '--plan'))).toContain('engine.name-taken');
    const refused = await his.run('deploy', his.siteFile);
    expect(refused).toMatchObject({
      exitCode: 3,
      json: { error: { code: 'engine.name-taken', message: expect.stringContaining('another data folder') } },
    });
    // Its port is no excuse either.
    await his.write({ gateway: { httpPort: hers.ports.http } });
    expect(['engine.name-taken', 'site.port-taken']).toContain(errorOf(await his.run('deploy', his.siteFile))?.code);
    expect(await inspect(names.gateway)).toEqual(before);
  });

  it('keeps different names apart: no deployment, stop or uninstall touches the other', async () => {
    await hers.write();
    expect(errorOf(await hers.run('deploy', hers.siteFile))).toBeUndefined();
    const before = await inspect(names.gateway);
    await his.write({
      gitlab: { url: `http://127.0.0.1:${his.ports.gitlab}` },
      gateway: { kind: 'simulated', image: undefined, subnet: undefined },
      model: {
        engine: 'vllm',
        name: 'weights',
        servedName: 'mistral',
        endpoint: undefined,
        gpu: 'none',
        image: images.vllm,
        subnet: his.modelSubnet,
      },
    });
    expect(errorOf(await his.run('deploy', his.siteFile))).toBeUndefined();
    expect((await inspect(names.model)).Running).toBe(true);
    expect((await his.run('stop', '--site', site)).json).toMatchObject({ data: { wasRunning: true } });
    expect(await inspect(names.gateway)).toEqual(before);
    const gone = await his.run('uninstall', '--site', site, '--yes', '--keep-weights');
    expect(gone.json.data).toMatchObject({ engineObjects: [`container ${names.model}`, `network ${names.model}`] });
    expect(await inspect(names.gateway)).toEqual(before);
    expect(await engineListing(hers.engine, site)).toEqual([`/${names.gateway}`, `sealift-${site}`]);
  });

  it('explains what to do with objects of an earlier build, which name no data folder', async () => {
    const { docker } = hers.engine;
    const Labels = { 'app.sealift.site': site, 'app.sealift.part': 'gateway' };
    const old = await docker.createContainer({ name: names.gateway, Image: images.gateway, Labels });
    try {
      await hers.write();
      const refused = await hers.run('deploy', hers.siteFile);
      expect(refused.json.error).toMatchObject({
        code: 'engine.name-taken',
        message: expect.stringContaining('earlier build'),
      });
      expect(JSON.stringify(refused.json.error)).toContain(`docker rm --force ${names.gateway}`);
      expect((await old.inspect()).Config.Labels).toEqual(expect.objectContaining(Labels));
    } finally {
      await old.remove({ force: true });
    }
  });
});
