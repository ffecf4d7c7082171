import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ProbeResult } from '../../../../src/shared/contract/probe.ts';
import { contractImage } from '../../../fakes/contract-image.ts';
import { missing } from '../../../needs.ts';
import { type ContainerStage, engineListing, openContainerStage } from '../../../scenes/container-stage.ts';
import { dockerIsThere } from '../../../scenes/docker-is-there.ts';
import { besideSafetensors, safetensors, smallConfig } from '../../../scenes/make-sources.ts';
import { ownName } from '../../../scenes/own-name.ts';

const canFilter = () => spawnSync('iptables', ['-S', 'INPUT']).status === 0;
const lacks =
  missing('a running dockerd', dockerIsThere) ||
  missing('go') ||
  missing('curl') ||
  missing('iptables, as root,', canFilter);
const registry = `${ownName('sealift-prb')}.example`;
const gatewayImage = `${registry}/model-gateway:self-hosted-v18.9.0-ee`;
const bareImage = `${registry}/bare-gateway:self-hosted-v18.9.0-ee`;
const vllmImage = `${registry}/vllm:1`;
const site = ownName('ctr-probe');

describe.skipIf(lacks)('the way from inside the gateway', { timeout: 180_000 }, () => {
  let stage: ContainerStage;
  const logFolder = () => join(stage.home, 'gateway-log');
  const model = { engine: 'vllm', name: 'weights', servedName: 'mistral', endpoint: undefined, gpu: 'none' };
  beforeAll(async () => {
    stage = await openContainerStage(site, gatewayImage, 9);
    await contractImage(stage.engine, gatewayImage, 'gateway');
    await contractImage(stage.engine, bareImage, 'gateway', { hasCurl: false });
    await contractImage(stage.engine, vllmImage, 'vllm');
    await stage.importModel('weights', {
      ...besideSafetensors,
      'config.json': JSON.stringify(smallConfig),
      'model.safetensors': safetensors(5000),
    });
    await stage.write({
      gateway: { logFolder: logFolder() },
      model: {
        ...model,
        image: vllmImage,
        subnet: stage.modelSubnet,
        contextTokens: 65_536,
        vllm: { toolCallParser: 'granite' },
      },
      features: ['CODE_COMPLETIONS', 'DUO_AGENT_PLATFORM'],
    });
  }, 600_000);
  afterEach(async () => {
    await stage.removeSite();
    expect(await engineListing(stage.engine, site)).toEqual([]);
  }, 60_000);
  afterAll(async () => {
    for (const image of [gatewayImage, bareImage, vllmImage])
      await stage?.engine.docker.getImage(image).remove({ force: true });
    await stage?.close();
  });

  const gateway = () => stage.engine.docker.getContainer(`sealift-${site}-gateway`);
  const probe = async () => {
    const run = await stage.run('probe', stage.siteFile);
    return { ...run, result: run.json.data as ProbeResult };
  };
  /** What a firewall of this machine does with requests to the front from the gateway's network. */
  const filtered = async (target: string[], body: () => Promise<void>) => {
    const range = stage.bridge.replace(/\.\d+$/, '.0/28');
    const rule = ['INPUT', '-s', range, '-p', 'tcp', '--dport', String(stage.ports.front), '-j', ...target];
    const set = (verb: string) => spawnSync('iptables', [verb, ...rule], { encoding: 'utf8' });
    expect(set('-I').stderr).toBe('');
    try {
      await body();
    } finally {
      set('-D');
    }
  };

  it('is checked by a real request with the front API key, and marked SIMULATED', async () => {
    expect((await stage.run('deploy', stage.siteFile)).json.error).toBeUndefined();
    expect((await stage.run('gitlab', 'apply', stage.siteFile)).json.error).toBeUndefined();
    const { result, stdout, stderr } = await probe();
    expect(result.hops.slice(0, 5)).toMatchObject([
      { hop: 'model', ok: true, simulated: true, answer: 'SIMULATED answer of mistral' },
      { hop: 'gateway-to-model', ok: true, simulated: true, answer: 'SIMULATED answer of mistral' },
      { hop: 'gateway-health', ok: true, simulated: true },
      { hop: 'gateway-grpc', ok: true, simulated: true, status: 200, answer: 'SERVING' },
      { hop: 'gateway-prompt-check', ok: true, simulated: true, answer: 'SIMULATED answer of mistral' },
    ]);
    const key = (await readFile(join(stage.home, 'data/sites', site, 'secrets/front-api-key'), 'utf8')).trim();
    expect(stdout + stderr).not.toContain(key);
    // Its log is in the folder that the site file names, and shown from there.
    expect((await gateway().logs({ stdout: true, stderr: true })).toString()).not.toContain('listens on :5052');
    expect((await stage.run('logs', '--site', site, '--part', 'gateway')).stdout).toContain('listens on :5052');
  });

  it('is found broken, with its cause: firewall, hosts file, a stopped container', async () => {
    expect((await stage.run('deploy', stage.siteFile)).json.error).toBeUndefined();
    const expectRed = async (cause: string) => {
      const { result, exitCode } = await probe();
      expect(exitCode).toBe(1);
      expect(result.firstRed).toBe('gateway-to-model');
      expect(result.hops.slice(0, 2)).toMatchObject([{ ok: true }, { ok: false }]);
      expect(result.causes[0]).toMatchObject({ id: cause, remedies: expect.arrayContaining([expect.anything()]) });
    };
    await filtered(['DROP'], () => expectRed('P13'));
    await filtered(['REJECT', '--reject-with', 'tcp-reset'], () => expectRed('D1'));
    await filtered(['REJECT'], () => expectRed('D1'));
    const { HostsPath: hosts } = await gateway().inspect();
    const text = await readFile(hosts, 'utf8');
    await writeFile(hosts, text.replace(/^.*sealift-front.*$/m, ''));
    await expectRed('D14');
    await writeFile(hosts, text.replace(/^.*(\tsealift-front.*)$/m, '127.0.0.1$1'));
    await expectRed('D1');
    await writeFile(hosts, text);
    await gateway().stop({ t: 0 });
    await expectRed('P14');
  });

  it('is found blocked by deploy, which resumes when it is open', async () => {
    await filtered(['DROP'], async () => {
      const run = await stage.run('deploy', stage.siteFile);
      expect(run).toMatchObject({ exitCode: 4, json: { error: { code: 'site.front-unreachable' } } });
      expect(run.json.error?.message).toContain(`http://sealift-front:${stage.ports.front}/health`);
      expect(run.stdout).toContain('sudo ufw allow');
    });
    expect((await stage.run('deploy', stage.siteFile)).json.ok).toBe(true);
  });

  it('counts as not checked when the image has no program for requests', async () => {
    await stage.write({
      gateway: { image: bareImage },
      model: { ...model, image: vllmImage, subnet: stage.modelSubnet },
    });
    const deployed = await stage.run('deploy', stage.siteFile);
    expect(deployed.json.ok).toBe(true);
    expect(deployed.stderr).toContain('has none of curl, python3');
    const { result } = await probe();
    expect(result.notChecked).toContainEqual(
      expect.objectContaining({ hop: 'gateway-to-model', reason: expect.stringContaining('curl, python3') }),
    );
  });
});
