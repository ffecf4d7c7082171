import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { contractImage } from '../../../fakes/contract-image.ts';
import { type OpenaiServer, startOpenaiServer } from '../../../fakes/openai-server.ts';
import { missing } from '../../../needs.ts';
import { makeCertificate } from '../../../scenes/certificates.ts';
import { type ContainerStage, engineListing, openContainerStage } from '../../../scenes/container-stage.ts';
import { dockerIsThere } from '../../../scenes/docker-is-there.ts';
import { ownName } from '../../../scenes/own-name.ts';

const lacks = missing('a running dockerd', dockerIsThere) || missing('go') || missing('curl');
const site = ownName('ctr-gateway');
const registry = `${ownName('sealift-ctr')}.example`;
const image = `${registry}/model-gateway:self-hosted-v18.9.0-ee`;
const name = `sealift-${site}-gateway`;

describe.skipIf(lacks)('a gateway in a container', { timeout: 120_000 }, () => {
  let stage: ContainerStage;
  let model: OpenaiServer;
  beforeAll(async () => {
    model = await startOpenaiServer('', 'served');
    model.instead = (_request, response) => response.end('{"object":"list","data":[]}');
    stage = await openContainerStage(site, image, model.port);
    await contractImage(stage.engine, image, 'gateway');
  }, 600_000);
  afterAll(async () => {
    await stage?.engine.docker.getImage(image).remove({ force: true });
    await stage?.close();
    await model?.stop();
  });
  const remove = async () => {
    await stage.removeSite();
    expect(await engineListing(stage.engine, site)).toEqual([]);
  };
  const inspect = () => stage.engine.docker.getContainer(name).inspect();
  const steps = (run: Awaited<ReturnType<ContainerStage['run']>>, state: string) =>
    (run.json.data as { steps: { id: string; state: string }[] }).steps
      .filter((one) => one.state === state)
      .map((one) => one.id);

  describe('starting from nothing', () => {
    afterEach(remove, 60_000);

    it('is planned without being made, with hidden secrets', async () => {
      await stage.write({ gateway: { memoryGiB: 0.25, cpus: 0.5 } });
      const { json, stdout } = await stage.run('deploy', stage.siteFile, '--plan');
      const { steps: planned } = json.data as {
        steps: { id: string; kind: string; simulated?: true; container?: object }[];
      };
      expect(planned.map((one) => one.kind)).toEqual(expect.arrayContaining(['image', 'network', 'container', 'port']));
      expect(planned.find((one) => one.id === 'container.gateway')).toMatchObject({
        simulated: true,
        container: {
          name,
          image,
          env: {
            AIGW_GITLAB_URL: `http://${stage.bridge}:${stage.ports.gitlab}`,
            AIGW_SELF_SIGNED_JWT__SIGNING_KEY: '[hidden]',
          },
          extraHosts: [`sealift-front:${stage.bridge}`],
          memoryBytes: 268_435_456,
          cpus: 0.5,
        },
      });
      expect(stdout).not.toContain('PRIVATE KEY');
      expect(await engineListing(stage.engine, site)).toEqual([]);
      expect(await readdir(join(stage.home))).toEqual(['site.yaml']);
    });

    it('is deployed, kept, inspected, stopped, started and removed', async () => {
      await stage.write();
      const first = await stage.run('deploy', stage.siteFile);
      expect(first.stderr).not.toContain('PRIVATE KEY');
      expect(first.json).toMatchObject({
        ok: true,
        data: { simulated: true, containers: [{ name, part: 'gateway', simulated: true }] },
      });
      expect(steps(first, 'made')).toEqual(expect.arrayContaining(['container.gateway', `network.sealift-${site}`]));
      const evidence = await readFile(join(stage.home, `data/sites/${site}/evidence/deploy.json`), 'utf8');
      expect(JSON.parse(evidence)).toMatchObject({ containers: [{ image }], networks: [{ internal: false }] });
      const keys = (JSON.parse(evidence) as { secrets: { name: string }[] }).secrets.map((secret) => secret.name);
      expect(keys).toEqual(expect.arrayContaining(['duo_workflow_jwt.key', 'duo_workflow_validation.key']));
      expect(evidence).not.toContain('PRIVATE');
      const made = await inspect();
      expect(made.HostConfig).toMatchObject({ CapDrop: ['ALL'], SecurityOpt: ['no-new-privileges'] });
      const again = await stage.run('deploy', stage.siteFile);
      expect(steps(again, 'kept').length).toBe((again.json.data as { steps: unknown[] }).steps.length);
      expect((await inspect()).Id).toBe(made.Id);

      const { json } = await stage.run('status', '--site', stage.site);
      expect(json.data).toMatchObject({
        parts: expect.arrayContaining([
          expect.objectContaining({
            name: 'gateway',
            kind: 'container',
            state: 'running',
            port: stage.ports.http,
            simulated: true,
            measured: expect.objectContaining({ image, memoryBytes: expect.any(Number) }),
          }),
        ]),
        findings: [],
      });
      const log = await stage.run('logs', '--site', stage.site, '--part', 'gateway');
      expect(log.json.data).toMatchObject({
        lines: expect.arrayContaining([
          { site: stage.site, part: 'gateway', line: 'SIMULATED listens on :50052', simulated: true },
        ]),
      });

      expect((await stage.run('stop', '--site', stage.site)).json).toMatchObject({ data: { wasRunning: true } });
      expect((await inspect()).State.Running).toBe(false);
      expect((await stage.run('start', '--site', stage.site)).json).toMatchObject({
        ok: true,
        data: { wasRunning: false },
      });
      expect((await inspect()).Id).toBe(made.Id);

      const unsure = await stage.run('uninstall', '--site', stage.site);
      expect(unsure.json.error?.details.removes).toEqual(
        expect.arrayContaining([`container ${name}`, `network sealift-${site}`]),
      );
      expect((await stage.run('uninstall', '--site', stage.site, '--yes')).json).toMatchObject({ ok: true });
      expect(await engineListing(stage.engine, site)).toEqual([]);
    });

    it.each([
      ['ends at once', ['CONTRACT_FAULT=exits'], {}, 'engine.container-exited', 'marker-line'],
      [
        'needs more memory than it may have',
        ['CONTRACT_FAULT=memory'],
        { memoryGiB: 0.0625 },
        'engine.out-of-memory',
        '67108864',
      ],
    ])('says so when it %s, and does not start over for ever', async (_what, env, limits, code, text) => {
      const broken = `${registry}/broken:1`;
      await contractImage(stage.engine, broken, 'gateway', { env });
      try {
        await stage.write({ gateway: { image: broken, ...limits } });
        const { json, exitCode } = await stage.run('deploy', stage.siteFile);
        expect(json.error).toMatchObject({ code, message: expect.stringContaining(text) });
        expect(exitCode).toBe(4);
        expect((await inspect()).State.Running).toBe(false);
      } finally {
        await stage.removeSite();
        await stage.engine.docker.getImage(broken).remove({ force: true });
      }
    });

    it.each([
      ['an image that is not there', { gateway: { image: `${registry}/none:1` } }, 'engine.image-missing', 3],
      [
        'a stand-in for a real GitLab',
        { gitlab: { url: 'http://gitlab.example', simulated: false }, gateway: { host: '0.0.0.1' } },
        'site.simulated-image',
        3,
      ],
      ['an engine that is not there', { engineHost: 'unix:///nowhere/docker.sock' }, 'engine.absent', 4],
    ])('is refused: %s', async (_what, change, code, exitCode) => {
      await stage.write(change as Record<string, object>);
      const run = await stage.run('deploy', stage.siteFile);
      expect(run.json.error?.code).toBe(code);
      expect(run.exitCode).toBe(exitCode);
      expect(await engineListing(stage.engine, site)).toEqual([]);
    });

    it('is refused when it is for another platform', async () => {
      const arm = `${registry}/arm:1`;
      await contractImage(stage.engine, arm, 'gateway', { architecture: 'arm64' });
      await stage.write({ gateway: { image: arm } });
      const run = await stage.run('deploy', stage.siteFile);
      await stage.engine.docker.getImage(arm).remove({ force: true });
      expect(run.json.error).toMatchObject({
        code: 'engine.wrong-platform',
        message: expect.stringContaining('linux/arm64'),
      });
    });

    it("never touches someone else's container or port", async () => {
      await stage.write();
      const foreign = await stage.engine.docker.createContainer({ name, Image: image });
      try {
        const taken = await stage.run('deploy', stage.siteFile);
        expect(taken.json.error).toMatchObject({ code: 'engine.name-taken', message: expect.stringContaining(name) });
        expect((await foreign.inspect()).Name).toBe(`/${name}`);
      } finally {
        await foreign.remove();
      }
      const holder: Server = createServer();
      await new Promise<void>((done) => holder.listen(stage.ports.http, '127.0.0.1', done));
      const port = await stage.run('deploy', stage.siteFile);
      await new Promise((done) => holder.close(done));
      expect(port.json.error).toMatchObject({ code: 'site.port-taken', details: { port: stage.ports.http } });
    });
  });

  describe('once deployed', () => {
    beforeAll(async () => {
      await stage.write();
      expect((await stage.run('deploy', stage.siteFile)).json).toMatchObject({ ok: true });
    });
    afterAll(remove, 60_000);

    it('is named and repaired when someone changed it by hand', async () => {
      const { Id: id } = await inspect();
      await stage.engine.docker.getContainer(id).update({ RestartPolicy: { Name: 'no' } });
      await stage.engine.docker.getContainer(id).rename({ name: `sealift-${site}-renamed` });
      const status = await stage.run('status', '--site', stage.site);
      expect(status.stdout).toContain(`renamed to sealift-${site}-renamed; its restart policy was changed`);
      const repaired = await stage.run('deploy', stage.siteFile);
      expect(steps(repaired, 'changed')).toEqual(['container.gateway']);
      expect(repaired.stderr).toContain('its restart policy was changed');
      expect((await inspect()).Id).not.toBe(id);
    });

    it('is recreated when one of its keys was recreated, and the plan says so', async () => {
      const { Id: id } = await inspect();
      await rm(join(stage.home, `data/sites/${site}/secrets/aigw_signing.key`));
      const plan = await stage.run('deploy', stage.siteFile, '--plan');
      const planned = (plan.json.data as { steps: { id: string; state: string; why?: string }[] }).steps;
      expect(planned.find((one) => one.id === 'container.gateway')).toMatchObject({
        state: 'will-change',
        why: 'restart part gateway because its key changed',
      });
      const run = await stage.run('deploy', stage.siteFile);
      expect(steps(run, 'changed')).toEqual(['container.gateway']);
      // The new container has not been seen to reach the front.
      expect(steps(run, 'made')).toEqual(['secret.aigw_signing.key', 'check.gateway-to-front']);
      expect((await inspect()).Id).not.toBe(id);
      expect(plan.stdout + plan.stderr + run.stdout + run.stderr).not.toContain('PRIVATE KEY');
      expect((await stage.run('status', '--site', stage.site)).json.data).toMatchObject({ findings: [] });
    });

    it('leaves no file behind that it no longer reads, and none of anyone else', async () => {
      const authorities = [
        await makeCertificate(stage.home, 'good'),
        await makeCertificate(stage.home, 'another authority'),
      ];
      const folder = join(stage.home, `data/sites/${site}/containers`);
      const files = async () => (await readdir(folder)).map((one) => one.replace(/^[0-9a-f]{12}-/, ''));
      const caFile = join(stage.home, 'ca.pem');
      await writeFile(caFile, authorities[0]?.ca ?? '');
      await stage.write({ caFile });
      expect((await stage.run('deploy', stage.siteFile)).json).toMatchObject({ ok: true });
      const [old] = await readdir(folder);
      await writeFile(join(folder, '0123456789ab-tls.key'), 'a key of an earlier certificate');
      await writeFile(join(folder, 'notes.txt'), 'from someone else');
      await writeFile(caFile, authorities[1]?.ca ?? '');
      expect(steps(await stage.run('deploy', stage.siteFile), 'changed')).toEqual(['container.gateway']);
      expect((await files()).sort()).toEqual(['ca-certificates.crt', 'notes.txt']);
      expect(await readdir(folder)).not.toContain(old);
      await rm(join(folder, 'notes.txt'));
    });

    it('is removed by the deployment that replaces it with the stand-in process', async () => {
      await stage.write({
        gitlab: { url: `http://127.0.0.1:${stage.ports.gitlab}` },
        gateway: { kind: 'simulated', image: undefined, subnet: undefined },
      });
      const run = await stage.run('deploy', stage.siteFile);
      expect(run.json).toMatchObject({ ok: true });
      expect((await engineListing(stage.engine, site)).filter((one) => one.startsWith('/'))).toEqual([]);
      expect(await readdir(join(stage.home, `data/sites/${site}/containers`))).toEqual([]);
    });
  });
});
