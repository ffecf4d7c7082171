import { spawnSync } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { makeGatewayImage } from '../../../../src/main/core/rehearse/gateway-image.ts';
import { nodeProgram } from '../../../../src/main/core/rehearse/node-program.ts';
import { quietWork } from '../../../../src/main/core/work.ts';
import type { ProbeResult } from '../../../../src/shared/contract/probe.ts';
import { contractImage } from '../../../fakes/contract-image.ts';
import { missing } from '../../../needs.ts';
import { builtWorkers } from '../../../run-sealift.ts';
import { type ContainerStage, openContainerStage } from '../../../scenes/container-stage.ts';
import { besideSafetensors, safetensors } from '../../../scenes/make-sources.ts';
import { OwnPodman, podmanIsThere } from '../../../scenes/own-podman.ts';

const lacks = missing('podman, as root,', podmanIsThere) || missing('go') || missing('curl');
const gateway = 'sealift-podman-test.example/model-gateway:self-hosted-v18.9.0-ee';
const server = 'sealift-podman-test.example/vllm:1';

describe.skipIf(lacks)('deploying on Podman', { timeout: 180_000 }, () => {
  let podman: OwnPodman;
  let stage: ContainerStage;
  afterEach(async () => {
    await stage?.close();
    await podman?.stop();
  }, 60_000);

  const sealift = async (...args: string[]) => {
    const ran = await stage.run(...args);
    expect(ran.json.error, ran.stderr.slice(-3000)).toBeUndefined();
    return ran.json.data as Record<string, unknown>;
  };
  const open = async (rootless?: { hasSubordinateIds: boolean }) => {
    podman = await OwnPodman.start({ sizeMiB: 900, ...(rootless && { rootless }) });
    stage = await openContainerStage('podman', gateway, 9, podman.address);
  };
  const prepare = async () => {
    const program = await nodeProgram(process.execPath);
    if (!program) throw new Error('ldd does not list the libraries that Node needs');
    await makeGatewayImage(stage.engine, { reference: gateway, labels: {} }, program, builtWorkers, quietWork());
    await contractImage(stage.engine, server, 'vllm');
    await stage.importModel('weights', { ...besideSafetensors, 'model.safetensors': safetensors(5000) });
  };
  const write = (change: Record<string, object> = {}) =>
    stage.write({
      engineHost: podman.address,
      model: {
        engine: 'vllm',
        name: 'weights',
        servedName: 'mistral',
        family: 'MISTRAL',
        endpoint: undefined,
        gpu: 'none',
        image: server,
        subnet: stage.modelSubnet,
        memoryGiB: 1,
      },
      ...change,
    });
  const containers = async () => {
    const found = await stage.engine.docker.listContainers({ all: true });
    return found.map(({ Id, Names, State }) => ({ Id, name: Names[0], State }));
  };
  const probe = async () => {
    const { hops } = (await sealift('probe', stage.siteFile)) as unknown as ProbeResult;
    return hops.map(({ hop, ok }) => [hop, ok]);
  };
  const allGreen = [
    'model',
    'gateway-to-model',
    'gateway-health',
    'gateway-prompt-check',
    'gitlab-connection-check',
    'gitlab-completion',
  ].map((hop) => [hop, true]);

  it('goes from a deployment with a green probe through stop and start to nothing left', async () => {
    await open();
    await prepare();
    await write();
    expect(await sealift('deploy', stage.siteFile)).toMatchObject({
      simulated: true,
      containers: [{ part: 'model' }, { part: 'gateway' }],
    });
    await sealift('gitlab', 'apply', stage.siteFile);
    expect(await probe()).toEqual(allGreen);
    const status = await sealift('status', '--site', stage.site);
    expect(status.findings).toEqual([]);
    expect(status.parts).toMatchObject(
      ['front', 'gitlab', 'model', 'gateway'].map((name) => ({ name, state: 'running' })),
    );
    const { lines } = (await sealift('logs', '--site', stage.site)) as { lines: { part: string }[] };
    expect(new Set(lines.map((one) => one.part))).toEqual(new Set(['service', 'front', 'gitlab', 'model', 'gateway']));

    const made = await containers();
    await sealift('stop', '--site', stage.site);
    expect((await containers()).map((one) => one.State)).toEqual(['exited', 'exited']);
    await sealift('start', '--site', stage.site);
    expect(await containers()).toEqual(made);
    expect(await probe()).toEqual(allGreen);
    await sealift('stop', '--site', stage.site);
    await sealift('deploy', stage.siteFile);
    expect(await containers()).toEqual(made);

    await sealift('uninstall', '--site', stage.site, '--yes');
    expect(await containers()).toEqual([]);
    expect((await stage.engine.docker.listNetworks()).map((one) => one.Name)).toEqual(['bridge']);
  });

  it('goes the same way on a rootless Podman, with the front on an address of this machine', async () => {
    await open({ hasSubordinateIds: true });
    await prepare();
    await write();
    const apart = await stage.run('deploy', stage.siteFile);
    expect(apart).toMatchObject({ exitCode: 3, json: { error: { code: 'engine.front-apart' } } });
    const host = podman.machineAddress;
    await write({ front: { host }, gitlab: { url: `http://${host}:${stage.ports.gitlab}` } });
    // The containers run as another user here.
    spawnSync('chmod', ['-R', 'a+rX', stage.home]);
    await sealift('deploy', stage.siteFile);
    await sealift('gitlab', 'apply', stage.siteFile);
    expect(await probe()).toEqual(allGreen);
    expect((await sealift('status', '--site', stage.site)).findings).toEqual([]);
    await sealift('uninstall', '--site', stage.site, '--yes');
    expect(await containers()).toEqual([]);
  });
});
