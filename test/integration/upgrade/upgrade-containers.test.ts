import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { contractImage } from '../../fakes/contract-image.ts';
import { type OpenaiServer, startOpenaiServer } from '../../fakes/openai-server.ts';
import { missing } from '../../needs.ts';
import { type ContainerStage, engineListing, openContainerStage } from '../../scenes/container-stage.ts';
import { dockerIsThere } from '../../scenes/docker-is-there.ts';
import { ownName } from '../../scenes/own-name.ts';

const lacks = missing('a running dockerd', dockerIsThere) || missing('go') || missing('curl');
const site = ownName('ctr-upgrade');
const repository = `${ownName('sealift-upg')}.example/model-gateway`;
const images = {
  old: `${repository}:self-hosted-v18.9.0-ee`,
  new: `${repository}:self-hosted-v18.10.0-ee`,
  broken: `${repository}:self-hosted-v18.10.1-ee`,
};
const name = `sealift-${site}-gateway`;

describe.skipIf(lacks)('an upgrade of a gateway in a container', { timeout: 600_000 }, () => {
  let stage: ContainerStage;
  let model: OpenaiServer;
  let newId: string;
  beforeAll(async () => {
    model = await startOpenaiServer('', 'served');
    model.instead = (_request, response) => response.end('{"object":"list","data":[]}');
    stage = await openContainerStage(site, images.old, model.port);
    await contractImage(stage.engine, images.old, 'gateway');
    newId = await contractImage(stage.engine, images.new, 'gateway', { env: ['IT=is-new'] });
    await contractImage(stage.engine, images.broken, 'gateway', { env: ['CONTRACT_FAULT=exits'] });
  }, 600_000);
  afterAll(async () => {
    for (const image of Object.values(images)) await stage?.engine.docker.getImage(image).remove({ force: true });
    await stage?.close();
    await model?.stop();
  });
  beforeEach(async () => {
    await stage.write();
    const run = await stage.run('deploy', stage.siteFile);
    expect(run.exitCode, run.stderr).toBe(0);
  }, 600_000);
  afterEach(async () => {
    await stage.removeSite();
    expect(await engineListing(stage.engine, site)).toEqual([]);
  }, 600_000);
  const inspect = () => stage.engine.docker.getContainer(name).inspect();
  const upgradeTo = async (image: string, change: Record<string, object> = {}) => {
    await stage.write({ gitlab: { version: '18.10' }, gateway: { image }, ...change });
    return stage.run('upgrade', '--from-store', '--site', site);
  };

  it('tries the new one next to the old one, switches and rolls back', async () => {
    const before = await inspect();
    const run = await upgradeTo(images.new);
    expect(run, run.stderr).toMatchObject({
      exitCode: 0,
      json: { data: { state: 'upgraded', tried: [{ part: 'gateway' }] } },
    });
    expect(run.json.data).not.toMatchObject({ tried: [{ whyNot: expect.anything() }] });
    expect((await inspect()).Image).toBe(newId);
    expect(await engineListing(stage.engine, `${site}-gateway-Trial`)).toEqual([]);
    expect(await stage.run('rollback', '--site', site)).toMatchObject({
      exitCode: 0,
      json: { data: { state: 'rolled-back', gitlab: '18.9' } },
    });
    expect((await inspect()).Image).toBe(before.Image);
  });

  it("does not touch another's container that has the name of what it tries", async () => {
    const theirs = await stage.engine.docker.createContainer({ name: `${name}-Trial`, Image: images.old });
    try {
      const run = await upgradeTo(images.new);
      expect(run.exitCode).not.toBe(0);
      expect(run.stdout).toContain(`${name}-Trial`);
      expect((await theirs.inspect()).State.Status).toBe('created');
    } finally {
      await theirs.remove({ force: true });
    }
  });

  it('does not touch the old one when the new one does not start next to it', async () => {
    const before = await inspect();
    const run = await upgradeTo(images.broken);
    expect(run).toMatchObject({ exitCode: 4, json: { error: { code: 'upgrade.trial-failed' } } });
    expect(run.json.error?.message).toContain('marker-line');
    const after = await inspect();
    expect(after).toMatchObject({ Id: before.Id, State: { StartedAt: before.State.StartedAt, Running: true } });
    expect(await engineListing(stage.engine, `${site}-gateway-Trial`)).toEqual([]);
    expect(await stage.run('status', '--site', site)).not.toMatchObject({
      json: { data: { findings: [{ id: 'site.upgrade-unfinished' }] } },
    });
  });
});
