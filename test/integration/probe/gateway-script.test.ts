import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { restartModel } from '../../../src/main/core/site/containers/restart-model.ts';
import { siteMark } from '../../../src/main/core/sites/engine-owner.ts';
import { sitePaths } from '../../../src/main/core/sites/site-paths.ts';
import type { GatewayScript } from '../../../src/shared/contract/probe.ts';
import { contractContent, contractImage, programFiles } from '../../fakes/contract-image.ts';
import { fakeSentence, type OpenaiServer, startOpenaiServer } from '../../fakes/openai-server.ts';
import { missing } from '../../needs.ts';
import { type ContainerStage, engineListing, openContainerStage } from '../../scenes/container-stage.ts';
import { dockerIsThere } from '../../scenes/docker-is-there.ts';
import { localImage } from '../../scenes/local-image.ts';
import { ownName } from '../../scenes/own-name.ts';

const lacks = missing('a running dockerd', dockerIsThere) || missing('go') || missing('curl') || missing('docker');
const site = ownName('ctr-script');
const repository = `${ownName('sealift-scr')}.example/model-gateway`;
const images = {
  whole: `${repository}:self-hosted-v18.9.0-ee`,
  bare: `${repository}:self-hosted-v18.9.1-ee`,
  theirs: `${repository}:self-hosted-v18.9.2-ee`,
};
const other = `sealift-${site}-gateway-script`;

describe.skipIf(lacks)("the gateway's own script", { timeout: 600_000 }, () => {
  let stage: ContainerStage;
  let model: OpenaiServer;
  let chatStatus = 200;
  /** Looks at the container that the script runs in, while the model is asked. */
  let look: (() => Promise<void>) | undefined;
  beforeAll(async () => {
    model = await startOpenaiServer('', 'served');
    model.instead = async (request, response) => {
      const isChat = request.url?.endsWith('/chat/completions');
      if (isChat) await look?.();
      const message = { role: 'assistant', content: fakeSentence };
      response.writeHead(isChat ? chatStatus : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(isChat ? { choices: [{ index: 0, message }] } : { object: 'list', data: [] }));
    };
    stage = await openContainerStage(site, images.whole, model.port);
    await contractImage(stage.engine, images.whole, 'gateway');
    await contractImage(stage.engine, images.bare, 'gateway', { hasScript: false });
    const { files, config } = contractContent('gateway');
    const theirs = { ...files, ...programFiles('env'), 'scripts/run.sh': files['bin/gateway'] as Buffer };
    await localImage(stage.engine, images.theirs, theirs, config, { os: 'linux', architecture: 'amd64' });
    await deploy(images.whole);
  }, 600_000);
  afterEach(async () => {
    expect(await engineListing(stage.engine, other)).toEqual([]);
  });
  afterAll(async () => {
    for (const image of Object.values(images)) await stage?.engine.docker.getImage(image).remove({ force: true });
    await stage?.close();
    await model?.stop();
  });
  const deploy = async (image: string) => {
    await stage.write({ gateway: { image, memoryGiB: 0.25 } });
    const run = await stage.run('deploy', stage.siteFile);
    expect(run.exitCode, run.stderr).toBe(0);
  };
  const frontKey = async () =>
    (await readFile(join(stage.home, 'data/sites', site, 'secrets/front-api-key'), 'utf8')).trim();
  const gateway = () => stage.engine.docker.getContainer(`sealift-${site}-gateway`).inspect();
  const troubleshoot = async () => {
    const run = await stage.run('troubleshoot', stage.siteFile);
    return { ...run, data: run.json.data as Extract<GatewayScript, { state: 'ran' }> };
  };

  it('asks the model without a token in a container that is gone afterwards, beside a gateway that stays as it is', async () => {
    const before = await gateway();
    const { data, exitCode, stderr } = await troubleshoot();
    expect(exitCode, stderr).toBe(0);
    expect(data).toMatchObject({ state: 'ran', simulated: true, container: other });
    expect(data.runs).toEqual([
      { model: 'served', passed: true, output: [expect.stringContaining('SIMULATED the model answers')] },
    ]);
    const after = await gateway();
    expect(after).toMatchObject({ Id: before.Id, State: { StartedAt: before.State.StartedAt, Running: true } });
    expect(after.Config.Env?.join()).not.toContain('BYPASS');
  });

  it('asks where nobody else reaches it, for 15 minutes at most, and shows the key to nobody', async () => {
    const { docker } = stage.engine;
    const inspected = async (name: string) => {
      const found = await docker.getContainer(name).inspect();
      const url = `http://${found.NetworkSettings.Networks[`sealift-${site}`]?.IPAddress}:5052/monitoring/healthz`;
      const status = await fetch(url).then(
        (answer) => answer.status,
        (error: Error & { cause?: { code?: string } }) => error.cause?.code,
      );
      return { ...found, status };
    };
    const seen: Promise<unknown>[] = [];
    look = async () => {
      const top = docker.getContainer(other).top({ ps_args: '-ef' });
      seen.push(inspected(other), inspected(`sealift-${site}-gateway`), top);
      await Promise.allSettled(seen);
    };
    expect((await troubleshoot()).exitCode).toBe(0);
    look = undefined;
    const [open, gate, processes] = await Promise.all(seen);
    expect(open).toMatchObject({
      status: 'ECONNREFUSED',
      State: { Running: true },
      Path: 'timeout',
      Args: expect.arrayContaining(['--kill-after=5', '900']),
      HostConfig: { RestartPolicy: { Name: 'no' }, PortBindings: {} },
    });
    const { NetworkSettings: net, Config: config } = open as Awaited<ReturnType<typeof inspected>>;
    expect(Object.values(net.Ports).filter((one) => one !== null)).toEqual([]);
    expect(config.Env).toContain('AIGW_AUTH__BYPASS_EXTERNAL=true');
    expect(gate).toMatchObject({ status: 200 });
    expect(JSON.stringify(processes)).toContain('poetry');
    expect(JSON.stringify([open, processes])).not.toContain(await frontKey());
  });

  it('says what failed, without the key that the script prints and without terminal codes', async () => {
    chatStatus = 500;
    const { data, exitCode, stdout, stderr } = await troubleshoot();
    chatStatus = 200;
    expect(exitCode).toBe(1);
    expect(data.runs).toEqual([
      { model: 'served', passed: false, output: [expect.stringContaining('status code: 500')] },
    ]);
    expect(data.runs[0]?.output[0]).toContain('api_key: [hidden]');
    expect(stdout + stderr).not.toContain(await frontKey());
    expect(data.runs[0]?.output[0]).not.toMatch(/\p{Cc}/u);
  });

  it('removes what a killed run left, and so does the next deployment', async () => {
    const { owner } = await siteMark(sitePaths(join(stage.home, 'data/sites'), site));
    const leave = async () => {
      const labels = { 'app.sealift.site': site, 'app.sealift.owner': owner, 'app.sealift.part': 'gateway-script' };
      const Env = ['AIGW_AUTH__BYPASS_EXTERNAL=true'];
      const left = await stage.engine.docker.createContainer({ name: other, Image: images.whole, Labels: labels, Env });
      await left.start();
    };
    await leave();
    // Nor is it taken for a model server that hangs: that would begin its 15 minutes again.
    const paths = sitePaths(join(stage.home, 'data/sites'), site);
    expect(await restartModel(paths, new AbortController().signal)).toEqual([]);
    expect((await troubleshoot()).data.runs).toMatchObject([{ passed: true }]);
    await leave();
    expect((await stage.run('deploy', stage.siteFile)).exitCode).toBe(0);
  });

  it('comes as lines for bash where the gateway is not ours, and they work', async () => {
    const key = await frontKey();
    await stage.write({
      gitlab: { simulated: false },
      gateway: { kind: 'existing', image: undefined, subnet: undefined },
      front: { host: stage.bridge },
    });
    const { json } = await stage.run('troubleshoot', stage.siteFile);
    const { state, commands } = json.data as Extract<GatewayScript, { state: 'by-hand' }>;
    expect(state).toBe('by-hand');
    const theirs = `${site}-theirs`;
    const env = ['AIGW_GITLAB_URL=x', `AIGW_SELF_SIGNED_JWT__SIGNING_KEY=-----BEGIN PRIVATE KEY-----\ntwo lines`];
    const run = ['run', '-d', '--name', theirs, ...env.flatMap((one) => ['-e', one]), '--network', `sealift-${site}`];
    execFileSync('docker', [...run, '--entrypoint', 'timeout', images.theirs, '120', './scripts/run.sh']);
    try {
      const lines = commands.join('\n').replaceAll('gitlab-aigw', theirs);
      const log = join(stage.home, 'docker-run');
      const logged = `docker() { [ "$1" != run ] || printf '%s\\n' "$@" >${log}; command docker "$@"; }`;
      // Not synchronous: the model answers in this process.
      const bash = spawn('bash', ['-c', `exec 2>&1\n${logged}\n${lines}`]);
      bash.stdin.end(`${key}\n`);
      expect(await text(bash.stdout)).toContain('SIMULATED the model answers');
      expect(await engineListing(stage.engine, `${theirs}-script`)).toEqual([]);
      const seen = await readFile(log, 'utf8');
      expect(seen).toContain('AIGW_SELF_SIGNED_JWT__SIGNING_KEY');
      expect(seen).not.toContain('PRIVATE KEY');
    } finally {
      spawnSync('docker', ['rm', '-f', theirs]);
    }
  });

  it('is not there in an image without it, and removes its container then too', async () => {
    await deploy(images.bare);
    const { json } = await troubleshoot();
    expect(json.error).toMatchObject({ code: 'probe.no-gateway-script', message: expect.stringContaining('no such') });
  });
});
