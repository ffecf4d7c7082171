import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectEngine } from '../../../../src/main/core/engine/connect-engine.ts';
import { contractImage } from '../../../fakes/contract-image.ts';
import { type OpenaiServer, startOpenaiServer } from '../../../fakes/openai-server.ts';
import { missing } from '../../../needs.ts';
import { type ContainerStage, engineListing, openContainerStage } from '../../../scenes/container-stage.ts';
import { dockerIsThere } from '../../../scenes/docker-is-there.ts';
import { gguf } from '../../../scenes/make-sources.ts';
import { dockerdIsThere, OwnDockerd } from '../../../scenes/own-dockerd.ts';
import { ownName } from '../../../scenes/own-name.ts';

const lacks = missing('a running dockerd', dockerIsThere) || missing('go') || missing('curl');
const lacksOwn = missing('dockerd, as root,', dockerdIsThere);
const image = `${ownName('sealift-chg')}.example/ollama:1`;
const site = ownName('ctr-changed');
const names = {
  container: `/sealift-${site}-ollama`,
  network: `sealift-${site}-model`,
  volume: `sealift-${site}-ollama-models`,
};
const all = [names.container, names.network, names.volume].sort();

describe.skipIf(lacks)('a site whose files no longer say what it has in engines', { timeout: 180_000 }, () => {
  let stage: ContainerStage;
  let upstream: OpenaiServer;
  beforeAll(async () => {
    upstream = await startOpenaiServer('', 'served');
    upstream.instead = (_request, response) => response.end('{"object":"list","data":[]}');
    stage = await openContainerStage(site, 'unused.example/gateway:1', upstream.port);
    await contractImage(stage.engine, image, 'ollama');
  }, 600_000);
  beforeEach(() => stage.importModel('tiny', { 'tiny.gguf': gguf(64) }), 60_000);
  afterEach(async () => {
    await rm(join(stage.home, 'data/sites', site), { recursive: true, force: true });
    await stage.removeSite();
    expect(await engineListing(stage.engine, site)).toEqual([]);
  }, 60_000);
  afterAll(async () => {
    await stage?.engine.docker.getImage(image).remove({ force: true });
    await stage?.close();
    await upstream?.stop();
  });

  const write = (model: object, more: Record<string, string> = {}) =>
    stage.write({
      gitlab: { url: `http://127.0.0.1:${stage.ports.gitlab}` },
      gateway: { kind: 'simulated', image: undefined, subnet: undefined },
      model,
      ...more,
    });
  const withOllama = (more?: Record<string, string>, subnet = stage.modelSubnet) => {
    const model = { engine: 'ollama', name: 'tiny', servedName: 'mistral', endpoint: undefined };
    return write({ ...model, gpu: 'none', image, subnet }, more);
  };
  const withoutContainers = () => write({ engine: 'external' });
  const deploy = async () => expect((await stage.run('deploy', stage.siteFile)).json.error).toBeUndefined();
  const uninstall = () => stage.run('uninstall', '--site', site, '--yes');
  const path = (name: string) => join(stage.home, 'data/sites', site, name);
  const isRunning = async () => {
    const { State } = await stage.engine.docker.getContainer(names.container.slice(1)).inspect();
    return State.Running;
  };

  it('leaves no network and no volume behind when it was deployed without containers since', async () => {
    await withOllama();
    await deploy();
    expect(await engineListing(stage.engine, site)).toEqual(all);
    await withoutContainers();
    await deploy();
    expect(await engineListing(stage.engine, site)).not.toContain(names.container);
    expect((await uninstall()).json.data).toMatchObject({
      engineObjects: [`network ${names.network}`, `volume ${names.volume}`],
    });
    expect(await engineListing(stage.engine, site)).toEqual([]);
  });

  it('stops with a damaged copy of its site file too; uninstall needs the copy removed first', async () => {
    await withOllama();
    await deploy();
    await writeFile(path('site.yaml'), 'garbage');
    expect((await stage.run('stop', '--site', site)).json).toMatchObject({ data: { wasRunning: true } });
    expect(await isRunning()).toBe(false);
    expect((await stage.run('status', '--site', site)).stdout).toContain('which records what was deployed');
    const refused = await uninstall();
    expect(refused).toMatchObject({ exitCode: 4, json: { error: { code: 'site.record-damaged' } } });
    expect(refused.stdout).toContain(`remove ${path('site.yaml')}`);
    expect(await engineListing(stage.engine, site)).toEqual(all);
    await rm(path('site.yaml'));
    expect((await uninstall()).json.error).toBeUndefined();
    expect(await engineListing(stage.engine, site)).toEqual([]);
  });

  it('reports a damaged deployment record, and deploy rewrites it', async () => {
    await withOllama();
    await deploy();
    const record = JSON.parse(await readFile(path('deployment.json'), 'utf8'));
    for (const text of ['{', JSON.stringify({ ...record, engines: undefined })]) {
      await writeFile(path('deployment.json'), text);
      for (const run of [await stage.run('stop', '--site', site), await uninstall()])
        expect(run).toMatchObject({ exitCode: 4, json: { error: { code: 'site.record-damaged' } } });
    }
    expect(await isRunning()).toBe(true);
    await deploy();
    expect((await stage.run('stop', '--site', site)).json).toMatchObject({ data: { wasRunning: true } });
    await rm(join(stage.home, 'data/sites/.engine-owner'));
    const lost = await stage.run('status', '--site', site);
    expect(lost.stdout).toContain('which identifies the containers that belong to this data folder');
    const { Config } = await stage.engine.docker.getContainer(names.container.slice(1)).inspect();
    // What its remedy tells.
    await writeFile(join(stage.home, 'data/sites/.engine-owner'), Config.Labels['app.sealift.owner'] ?? '');
    expect((await uninstall()).json.error).toBeUndefined();
    expect(await engineListing(stage.engine, site)).toEqual([]);
  });

  it('can be removed without an engine that is gone for good', async () => {
    await withOllama();
    await deploy();
    const record = JSON.parse(await readFile(path('deployment.json'), 'utf8')) as { engines: string[] };
    const gone = 'unix:///nonexistent/docker.sock';
    await writeFile(path('deployment.json'), JSON.stringify({ ...record, engines: [gone, ...record.engines] }));
    const refused = await uninstall();
    expect(refused).toMatchObject({
      exitCode: 4,
      json: { error: { code: 'site.engine-gone', details: { address: gone } } },
    });
    expect(await engineListing(stage.engine, site)).toEqual(all);
    const run = await stage.run('uninstall', '--site', site, '--yes', '--leave-engines');
    expect(run.json.data).toMatchObject({ keeps: [{ path: `container engine ${gone}` }] });
    expect(await engineListing(stage.engine, site)).toEqual([]);
  });

  it('is not recreated when its engine gets another address', async () => {
    await withOllama({ engineHost: 'unix:///var/run/docker.sock' });
    await deploy();
    const { Id } = await stage.engine.docker.getContainer(names.container.slice(1)).inspect();
    await withOllama({ engineHost: 'unix:///run/docker.sock' });
    await deploy();
    expect((await stage.engine.docker.getContainer(names.container.slice(1)).inspect()).Id).toBe(Id);
    const { engineObjects } = (await uninstall()).json.data as { engineObjects: string[] };
    expect(engineObjects.filter((one) => one.startsWith('container'))).toHaveLength(1);
  });

  it.skipIf(lacksOwn)('that moved to another engine leaves nothing in the one before', async () => {
    const before = await OwnDockerd.start({ sizeMiB: 300 });
    const engine = await connectEngine(before.address);
    try {
      await contractImage(engine, image, 'ollama');
      // Both engines use the network of this machine.
      await withOllama({ engineHost: before.address }, `${stage.bridge.replace(/\.1$/, '.0')}/28`);
      await deploy();
      expect(await engineListing(engine, site)).toEqual(all);
      await withOllama();
      await deploy();
      expect(await engineListing(engine, site)).toEqual([names.network, names.volume].sort());
      expect(await engineListing(stage.engine, site)).toEqual(all);
      expect((await uninstall()).json.error).toBeUndefined();
      expect(await engineListing(engine, site)).toEqual([]);
      expect(await engineListing(stage.engine, site)).toEqual([]);
    } finally {
      await before.stop();
    }
  });
});
