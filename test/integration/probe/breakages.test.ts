import { execFileSync, spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { duoSettingsUpdate, featureUpdate } from '../../../src/main/core/gitlab/graphql-documents.ts';
import { type GitlabTarget, postGraphql } from '../../../src/main/core/gitlab/post-graphql.ts';
import { probeSite } from '../../../src/main/core/probe/probe-site.ts';
import { makeGatewayImage } from '../../../src/main/core/rehearse/gateway-image.ts';
import { nodeProgram } from '../../../src/main/core/rehearse/node-program.ts';
import { secretFiles } from '../../../src/main/core/sites/site-paths.ts';
import { quietWork } from '../../../src/main/core/work.ts';
import { contractImage } from '../../fakes/contract-image.ts';
import { missing } from '../../needs.ts';
import { builtWorkers } from '../../run-sealift.ts';
import { makeCertificate } from '../../scenes/certificates.ts';
import { type ContainerStage, openContainerStage } from '../../scenes/container-stage.ts';
import { dockerIsThere } from '../../scenes/docker-is-there.ts';
import { besideSafetensors, safetensors, smallConfig } from '../../scenes/make-sources.ts';
import { ownName } from '../../scenes/own-name.ts';
import { testPorts } from '../../scenes/site-scene.ts';
import { freePort, rsaKey } from '../../scenes/site-stage.ts';

const canFilter = () => spawnSync('iptables', ['-S', 'INPUT']).status === 0;
const lacks =
  missing('a running dockerd', dockerIsThere) ||
  missing('go') ||
  missing('curl') ||
  missing('openssl') ||
  missing('iptables, as root,', canFilter);
const registry = `${ownName('sealift-brk')}.example`;
const images = {
  gateway: `${registry}/model-gateway:self-hosted-v18.9.0-ee`,
  vllm: `${registry}/vllm:1`,
  proxy: `${registry}/proxy:1`,
};
const site = ownName('ctr-break');

/** What happens to a site, and how it is undone. `now`: the clock of this machine meanwhile. */
interface Breakage {
  happen(): unknown;
  heal(): unknown;
  now?: () => Date;
}
type Row = [what: string, hop: string, cause: string, make: () => Breakage];

describe.skipIf(lacks)('a chain of containers, broken at one place after the other', { timeout: 180_000 }, () => {
  let stage: ContainerStage;
  const proxyPorts: Record<string, number> = {};
  beforeAll(async () => {
    stage = await openContainerStage(site, images.gateway, 9);
    const node = await nodeProgram(process.execPath);
    if (!node) throw new Error('the libraries of Node are not known');
    await makeGatewayImage(stage.engine, { reference: images.gateway, labels: {} }, node, builtWorkers, quietWork());
    await contractImage(stage.engine, images.vllm, 'vllm');
    await contractImage(stage.engine, images.proxy, 'proxy');
    await stage.importModel('weights', {
      ...besideSafetensors,
      'config.json': JSON.stringify(smallConfig),
      'model.safetensors': safetensors(5000),
    });
    await startProxy();
    await write();
    await again();
    expect((await stage.run('gitlab', 'apply', stage.siteFile)).json.error).toBeUndefined();
  }, 600_000);
  afterAll(async () => {
    const proxy = stage?.engine.docker.getContainer(`${site}-proxy`);
    await proxy?.remove({ force: true }).catch(() => undefined);
    await stage?.close();
    for (const image of Object.values(images)) await stage?.engine.docker.getImage(image).remove({ force: true });
  });

  const container = (part: string) => stage.engine.docker.getContainer(`sealift-${site}-${part}`);
  const network = (part: string) => stage.engine.docker.getNetwork(`sealift-${site}${part}`);
  const secret = (name: string) => join(stage.home, 'data/sites', site, 'secrets', name);
  const own = (name: string) => join(stage.home, name);
  const again = async () => expect((await stage.run('deploy', stage.siteFile)).json.error).toBeUndefined();

  const write = (change: Record<string, object | string> = {}) =>
    stage.write({
      features: ['CODE_COMPLETIONS', 'DUO_AGENT_PLATFORM'],
      model: {
        ...{ engine: 'vllm', name: 'weights', servedName: 'mistral', endpoint: undefined, gpu: 'none' },
        ...{ image: images.vllm, subnet: stage.modelSubnet, contextTokens: 65_536, memoryGiB: 0.125 },
        vllm: { toolCallParser: 'granite' },
      },
      ...change,
    });

  /** Starts a proxy in a container in front of the gateway, with a port for each of its certificates. */
  const startProxy = async () => {
    const cases = { expired: 'expired', stranger: 'another authority' } as const;
    for (const [name, one] of Object.entries(cases)) {
      const made = await makeCertificate(stage.home, one);
      await writeFile(own(`${name}.pem`), made.cert);
      await writeFile(own(`${name}.key`), made.key);
      await writeFile(own(`${name}-ca.pem`), made.ca);
    }
    for (const name of ['html', ...Object.keys(cases)]) proxyPorts[name] = await freePort();
    const listens = Object.entries(proxyPorts).map(([name, port]) => `${name}=${port}`);
    const proxy = await stage.engine.docker.createContainer({
      name: `${site}-proxy`,
      Image: images.proxy,
      Cmd: [`http://127.0.0.1:${stage.ports.http}`, ...listens],
      HostConfig: { NetworkMode: 'host', Binds: [`${stage.home}:/certs:ro`] },
    });
    await proxy.start();
  };

  const probe = (now = () => new Date()) => {
    const ports = { ...testPorts(join(stage.home, 'data')), now };
    return probeSite(ports, { siteFile: stage.siteFile }, [], quietWork());
  };

  const stopped = (part: string): Breakage => ({
    happen: () => container(part).stop({ t: 0 }),
    heal: () => stage.run('start', '--site', site),
  });

  const offNetwork = (part: string, of: string): Breakage => {
    let IPAMConfig: object;
    return {
      happen: async () => {
        const { Networks } = (await container(part).inspect()).NetworkSettings;
        IPAMConfig = { IPv4Address: Networks[`sealift-${site}${of}`]?.IPAddress };
        await network(of).disconnect({ Container: container(part).id });
      },
      heal: async () => {
        await network(of).connect({ Container: container(part).id, EndpointConfig: { IPAMConfig } });
        // What was asked meanwhile fails for a moment more.
        await expect.poll(async () => (await stage.askFront('mistral')).status, { timeout: 30_000 }).toBe(200);
      },
    };
  };

  /** A rule of this machine's firewall; `-t nat` may come first. */
  const filtered = (rule: () => string[] | Promise<string[]>): Breakage => {
    let set: string[];
    const iptables = (verb: string) => {
      const [table, chain = '', ...rest] = set[0] === '-t' ? [set.slice(0, 2), ...set.slice(2)] : [[], ...set];
      execFileSync('iptables', [...table, verb, chain, ...rest]);
    };
    return {
      happen: async () => {
        set = await rule();
        iptables('-I');
      },
      heal: () => iptables('-D'),
    };
  };
  const range = () => stage.bridge.replace(/\.\d+$/, '.0/28');
  const fromGateway = (port: number, target: string) =>
    filtered(() => ['INPUT', '-s', range(), '-p', 'tcp', '--dport', String(port), '-j', target]);

  const rewritten = (path: () => string | Promise<string>, change: (old: string) => string): Breakage => {
    let [at, old] = ['', ''];
    return {
      happen: async () => {
        at = await path();
        old = await readFile(at, 'utf8');
        await writeFile(at, change(old));
      },
      heal: () => writeFile(at, old),
    };
  };

  const describedAs = (change: () => Record<string, object | string>): Breakage => ({
    happen: () => write(change()),
    heal: () => write(),
  });
  /** A gateway behind the proxy, at the port that has this certificate. */
  const behindTls = (name: string) =>
    describedAs(() => ({
      caFile: own(`${name}-ca.pem`),
      gitlab: { url: `http://127.0.0.1:${stage.ports.gitlab}` },
      gateway: {
        ...{ kind: 'existing', image: undefined, subnet: undefined, host: undefined, httpPort: undefined },
        url: `https://127.0.0.1:${proxyPorts[name]}`,
      },
    }));

  /** Gives the model's container other arguments, as somebody does who makes it again by hand. */
  const startedWith = (flag: string, value: string): Breakage => ({
    happen: async () => {
      const { Config, HostConfig, NetworkSettings } = await container('model').inspect();
      await container('model').remove({ force: true });
      const networks = Object.entries(NetworkSettings.Networks);
      const EndpointsConfig = Object.fromEntries(networks.map(([name, { IPAMConfig }]) => [name, { IPAMConfig }]));
      const made = await stage.engine.docker.createContainer({
        ...{ name: `sealift-${site}-model`, Image: Config.Image, Labels: Config.Labels, Env: Config.Env },
        Cmd: Config.Cmd.map((one, at) => (Config.Cmd[at - 1] === flag ? value : one)),
        HostConfig,
        NetworkingConfig: { EndpointsConfig } as object,
      });
      await made.start();
      await modelAnswers();
    },
    heal: async () => {
      await container('model').remove({ force: true });
      await again();
    },
  });
  const modelAnswers = () =>
    expect.poll(async () => (await stage.askFront('mistral')).status, { timeout: 60_000 }).not.toBe(503);

  /** Lets the program in the model's container play a fault. */
  const plays = async (fault: string) => {
    const run = await container('model').exec({ Cmd: ['/bin/vllm', 'fault', fault], AttachStdout: true });
    await text(await run.start({}));
    expect((await run.inspect()).ExitCode).toBe(0);
  };
  const outOfMemory: Breakage = {
    happen: async () => {
      // The engine would start it again at once.
      await container('model').update({ RestartPolicy: { Name: 'no' } });
      await plays('memory');
      const ended = container('model').wait();
      await stage.askFront('mistral');
      await ended;
    },
    heal: again,
  };

  const restartedGateway = async () => {
    await container('gateway').restart({ t: 0 });
    const health = `http://127.0.0.1:${stage.ports.http}/monitoring/healthz`;
    const status = () =>
      fetch(health).then(
        (one) => one.status,
        () => 0,
      );
    await expect.poll(status, { timeout: 60_000 }).toBe(200);
  };
  const withoutKeys = (): Breakage => {
    const wall = fromGateway(stage.ports.gitlab, 'REJECT');
    const then = (step: 'happen' | 'heal') => async () => {
      await wall[step]();
      await restartedGateway();
    };
    return { happen: then('happen'), heal: then('heal') };
  };

  const inGitlab = (change: (target: GitlabTarget) => Promise<{ data?: unknown }>): Breakage => ({
    happen: async () => {
      const token = (await readFile(secret(secretFiles.simulatedGitlabToken), 'utf8')).trim();
      expect((await change({ url: `http://${stage.bridge}:${stage.ports.gitlab}`, token })).data).toBeDefined();
    },
    heal: () => stage.run('gitlab', 'apply', stage.siteFile),
  });
  const settings = [
    'aiGatewayUrl',
    'duoAgentPlatformServiceUrl',
    'selfHostedDuoAgentPlatformServiceSecure',
    'aiGatewayTimeoutSeconds',
  ] as const;
  const wrongGateway = (target: GitlabTarget) =>
    postGraphql(target, duoSettingsUpdate([...settings]), { input: { aiGatewayUrl: 'http://127.0.0.1:9' } });
  const noFeature = (target: GitlabTarget) =>
    postGraphql(target, featureUpdate, { input: { features: ['CODE_COMPLETIONS'], provider: 'DISABLED' } });

  const rows: Row[] = [
    ["the model's container is stopped", 'model', 'P25', () => stopped('model')],
    ["the model's container was killed for memory", 'model', 'P26', () => outOfMemory],
    ["the model's container was taken off its network", 'model', 'P27', () => offNetwork('model', '-model')],
    ['the model is loading', 'model', 'D12', () => ({ happen: () => plays('loading'), heal: () => plays('nothing') })],
    ['the context is too small', 'model', 'D5', () => startedWith('--max-model-len', '4')],
    ['the model has another name', 'model', 'D2', () => startedWith('--served-model-name', 'codestral')],
    [
      'the key of the front is another',
      'model',
      'D3',
      () =>
        rewritten(
          () => secret('front-api-key'),
          () => 'another',
        ),
    ],
    [
      'a firewall drops what the gateway sends',
      'gateway-to-model',
      'P13',
      () => fromGateway(stage.ports.front, 'DROP'),
    ],
    ['a firewall refuses the gateway', 'gateway-to-model', 'D1', () => fromGateway(stage.ports.front, 'REJECT')],
    [
      'the name of the front does not resolve in the gateway',
      'gateway-to-model',
      'D14',
      () =>
        rewritten(
          async () => (await container('gateway').inspect()).HostsPath,
          (hosts) => hosts.replace(/^.*sealift-front.*$/m, ''),
        ),
    ],
    ['the gateway is stopped', 'gateway-to-model', 'P14', () => stopped('gateway')],
    [
      'the gateway is paused',
      'gateway-to-model',
      'P14',
      () => ({ ...stopped('gateway'), happen: () => container('gateway').pause() }),
    ],
    ['the gateway was taken off its network', 'gateway-to-model', 'P27', () => offNetwork('gateway', '')],
    [
      'a proxy before the gateway answers with a page',
      'gateway-health',
      'P4',
      () =>
        filtered(() => [
          ...['-t', 'nat', 'OUTPUT', '-p', 'tcp', '-d', '127.0.0.1', '--dport', String(stage.ports.http)],
          ...['-j', 'REDIRECT', '--to-ports', String(proxyPorts.html)],
        ]),
    ],
    [
      'the port of the gateway is wrong',
      'gateway-health',
      'T2',
      () => describedAs(() => ({ gateway: { httpPort: 9 } })),
    ],
    ["the gateway's certificate has expired", 'gateway-health', 'P28', () => behindTls('expired')],
    ["the gateway's certificate is of another authority", 'gateway-health', 'T12', () => behindTls('stranger')],
    [
      'the gRPC port is closed',
      'gateway-grpc',
      'D33',
      () =>
        filtered(async () => {
          const { Networks } = (await container('gateway').inspect()).NetworkSettings;
          const address = Networks[`sealift-${site}`]?.IPAddress ?? '';
          const reject = ['-j', 'REJECT', '--reject-with', 'tcp-reset'];
          return ['OUTPUT', '-p', 'tcp', '-d', address, '--dport', '50052', ...reject];
        }),
    ],
    [
      'the signing key is another',
      'gateway-prompt-check',
      'P9',
      () => rewritten(() => secret(secretFiles.gatewaySigning), rsaKey),
    ],
    [
      'the clocks differ by two hours',
      'gateway-prompt-check',
      'D16',
      () => ({ happen: () => undefined, heal: () => undefined, now: () => new Date(Date.now() - 7_200_000) }),
    ],
    [
      'the address of GitLab is wrong',
      'gitlab-connection-check',
      'P6',
      () => describedAs(() => ({ gitlab: { url: `http://${stage.bridge}:9` } })),
    ],
    ["the gateway started without GitLab's keys", 'gitlab-connection-check', 'D18', withoutKeys],
    ['GitLab has another address for the gateway', 'gitlab-connection-check', 'P21', () => inGitlab(wrongGateway)],
    ['the feature has no model in GitLab', 'gitlab-completion', 'T4', () => inGitlab(noFeature)],
  ];

  it.each(rows)('names hop and cause, and is well again afterwards: %s', async (_what, hop, cause, make) => {
    const breakage = make();
    try {
      await breakage.happen();
      const result = await probe(breakage.now);
      expect([result.firstRed, result.causes[0]?.id], JSON.stringify(result.hops)).toEqual([hop, cause]);
      expect(result.causes[0]?.remedies.length).toBeGreaterThan(0);
      expect(result.hops.filter((one) => !one.ok && !one.skipped)).toHaveLength(1);
    } finally {
      await breakage.heal();
    }
    const healed = await probe();
    expect(healed.firstRed, JSON.stringify(healed.hops)).toBeUndefined();
    expect(healed.notChecked).toEqual([]);
  });

  it.each([
    ['is full', ['-t', 'tmpfs', '-o', 'size=4k', 'tmpfs'], 'filled up'],
    ['cannot be written', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs'], 'not allowed to write'],
  ])('shows every hop, and why none is kept, when the filesystem of the evidence %s', async (_what, mount, why) => {
    const healthy = await probe();
    const evidence = join(stage.home, 'data/sites', site, 'evidence');
    execFileSync('mount', [...mount, evidence]);
    try {
      spawnSync('dd', ['if=/dev/zero', `of=${join(evidence, 'filler')}`, 'bs=64k', 'count=1']);
      const { json, exitCode } = await stage.run('probe', stage.siteFile);
      expect(exitCode).toBe(0);
      const title = expect.stringMatching(new RegExp(`not kept in ${evidence}/probe.json: .*${why}`));
      expect(json.data).toMatchObject({
        hops: healthy.hops.map(({ hop }) => ({ hop, ok: true })),
        findings: expect.arrayContaining([expect.objectContaining({ id: 'evidence.not-kept', title })]),
      });
    } finally {
      execFileSync('umount', [evidence]);
    }
    const kept = await stage.run('probe', stage.siteFile);
    expect(kept.stdout).not.toContain('evidence.not-kept');
  });

  it('names an image that is for another processor, while the old container goes on', async () => {
    const { docker } = stage.engine;
    const tag = async (from: string, to: string) => {
      const [repo = '', name = ''] = to.split(':');
      await docker.getImage(from).tag({ repo, tag: name });
      await docker.getImage(from).remove();
    };
    await tag(images.vllm, `${images.vllm}-kept`);
    await contractImage(stage.engine, images.vllm, 'vllm', { architecture: 'arm64' });
    try {
      const { json } = await stage.run('deploy', stage.siteFile);
      expect(json.error).toMatchObject({
        code: 'engine.wrong-platform',
        message: expect.stringContaining('linux/arm64'),
      });
      expect((await probe()).firstRed).toBeUndefined();
    } finally {
      await docker.getImage(images.vllm).remove();
      await tag(`${images.vllm}-kept`, images.vllm);
    }
    await again();
  });
});
