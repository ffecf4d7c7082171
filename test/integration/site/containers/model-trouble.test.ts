import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { siteLabels } from '../../../../src/main/core/engine/labels.ts';
import { ensureNetwork } from '../../../../src/main/core/engine/networks-and-volumes.ts';
import { addressIn } from '../../../../src/main/core/engine/subnets.ts';
import { stopContainers } from '../../../../src/main/core/site/containers/control-containers.ts';
import { planContainers } from '../../../../src/main/core/site/containers/plan-containers.ts';
import { restartModel } from '../../../../src/main/core/site/containers/restart-model.ts';
import { startContainer, waitContainer } from '../../../../src/main/core/site/containers/start-container.ts';
import { liveState, serviceFacts } from '../../../../src/main/core/site/service/service-facts.ts';
import { keepOwner, siteMark } from '../../../../src/main/core/sites/engine-owner.ts';
import { readSiteFile } from '../../../../src/main/core/sites/read-site-file.ts';
import { sitePaths } from '../../../../src/main/core/sites/site-paths.ts';
import { findAllWeights } from '../../../../src/main/core/store/find-model.ts';
import { quietWork } from '../../../../src/main/core/work.ts';
import { contractImage } from '../../../fakes/contract-image.ts';
import { missing } from '../../../needs.ts';
import { type ContainerStage, engineListing, openContainerStage } from '../../../scenes/container-stage.ts';
import { dockerIsThere } from '../../../scenes/docker-is-there.ts';
import { besideSafetensors, gguf, safetensors, smallConfig } from '../../../scenes/make-sources.ts';
import { ownName } from '../../../scenes/own-name.ts';
import { killHard, untilGone } from '../../../scenes/site-scene.ts';
import { resources } from '../../../scenes/site-stage.ts';

const never = new AbortController().signal;
const lacks = missing('a running dockerd', dockerIsThere) || missing('go') || missing('curl');
const registry = `${ownName('sealift-trb')}.example`;
const images = { vllm: `${registry}/vllm:1`, ollama: `${registry}/ollama:1` };
const broken = `${registry}/broken:1`;
const site = ownName('ctr-trouble');
const guestName = `sealift-${site}-guest`;
const names = {
  container: `sealift-${site}-ollama`,
  network: `sealift-${site}-model`,
  volume: `sealift-${site}-ollama-models`,
};

describe.skipIf(lacks)('a model server in trouble', { timeout: 180_000 }, () => {
  let stage: ContainerStage;
  beforeAll(async () => {
    stage = await openContainerStage(site, 'unused.example/gateway:1', 9);
    await contractImage(stage.engine, images.vllm, 'vllm');
    await contractImage(stage.engine, images.ollama, 'ollama');
    await stage.importModel('weights', {
      ...besideSafetensors,
      'model.safetensors': safetensors(5000),
      'config.json': JSON.stringify(smallConfig),
    });
    await stage.importModel('tiny', { 'tiny.gguf': gguf(64) });
  }, 600_000);
  afterEach(async () => {
    await stage.removeSite();
    expect(await engineListing(stage.engine, site)).toEqual([]);
  }, 60_000);
  afterAll(async () => {
    for (const image of Object.values(images)) await stage?.engine.docker.getImage(image).remove({ force: true });
    await stage?.close();
  });

  /** A site without a gateway's container. */
  const write = (model: object) =>
    stage.write({
      gitlab: { url: `http://127.0.0.1:${stage.ports.gitlab}` },
      gateway: { kind: 'simulated', image: undefined, subnet: undefined },
      model: { servedName: 'mistral', endpoint: undefined, gpu: 'none', subnet: stage.modelSubnet, ...model },
    });
  const vllm = (image = images.vllm, more: object = {}) => write({ engine: 'vllm', name: 'weights', image, ...more });
  const ollama = () => write({ engine: 'ollama', name: 'tiny', image: images.ollama });
  const deploy = () => stage.run('deploy', stage.siteFile);
  const answer = async () => (await stage.askFront('mistral', '127.0.0.1')).text;
  const changed = (run: Awaited<ReturnType<typeof deploy>>) => {
    const { steps } = run.json.data as { steps: { id: string; state: string }[] };
    return steps.filter((one) => one.state !== 'kept').map((one) => one.id);
  };
  const withBroken = async (options: Parameters<typeof contractImage>[3], body: () => Promise<void>) => {
    await contractImage(stage.engine, broken, 'vllm', options);
    try {
      await body();
    } finally {
      await stage.removeSite();
      await stage.engine.docker.getImage(broken).remove({ force: true });
    }
  };

  it.each([
    ['ends at once', 'exits', {}, 'engine.container-exited'],
    ['needs more memory than it may have', 'memory', { memoryGiB: 0.0625 }, 'engine.out-of-memory'],
  ])('is reported: it %s; its last lines are shown and it is stopped', (_what, fault, limits, code) =>
    withBroken({ env: [`CONTRACT_FAULT=${fault}`] }, async () => {
      await vllm(broken, limits);
      const run = await deploy();
      expect(run.exitCode).toBe(4);
      expect(run.json.error).toMatchObject({
        code,
        message: expect.stringContaining('marker-line'),
        remedies: expect.arrayContaining([expect.anything()]),
      });
      const found = await stage.engine.docker.getContainer(`sealift-${site}-model`).inspect();
      expect(found.State.Running).toBe(false);
      const status = await stage.run('status', '--site', site);
      expect(status.stdout).toContain(
        fault === 'memory' ? 'ran out of memory and was killed' : 'model exited with code 3',
      );
    }),
  );

  it('is reported when it never becomes healthy', () =>
    withBroken({ env: ['CONTRACT_FAULT=never-ready'] }, async () => {
      await vllm(broken);
      const data = join(stage.home, 'data');
      const { site: file } = await readSiteFile(stage.siteFile);
      const paths = sitePaths(join(data, 'sites'), site);
      const mark = await siteMark(paths);
      await keepOwner(paths, mark);
      const store = join(data, 'store');
      const models = await findAllWeights(store, file);
      const plan = await planContainers(file, [], { store, resources, paths, models, mark });
      for (const network of plan?.networks ?? []) await ensureNetwork(stage.engine, network);
      const [planned] = plan?.models ?? [];
      if (!planned) throw new Error('no container was planned');
      const hurried = { ...planned, startTimeoutMs: 3000 };
      await startContainer(stage.engine, hurried, { paths, mark, work: quietWork() });
      await expect(waitContainer(stage.engine, hurried, { paths, mark, work: quietWork() })).rejects.toMatchObject({
        wire: { code: 'engine.container-unhealthy', message: expect.stringContaining('SIMULATED listens on :8000') },
      });
    }));

  it('is waited for while an engine that restarts shows it as stopped', async () => {
    await vllm();
    expect((await deploy()).json.ok).toBe(true);
    const paths = sitePaths(join(stage.home, 'data/sites'), site);
    const mark = await siteMark(paths);
    const { site: file } = await readSiteFile(stage.siteFile);
    const store = join(stage.home, 'data/store');
    const models = await findAllWeights(store, file);
    const [planned] = (await planContainers(file, [], { store, resources, paths, models, mark }))?.models ?? [];
    if (!planned) throw new Error('no container was planned');
    const container = stage.engine.docker.getContainer(`sealift-${site}-model`);
    await container.stop();
    const waiting = waitContainer(stage.engine, planned, { paths, mark, work: quietWork() });
    // By the time the engine answers this, it has looked at the stopped container.
    await container.inspect();
    await Promise.all([waiting, container.start()]);
    await container.stop();
    await expect(waitContainer(stage.engine, planned, { paths, mark, work: quietWork() })).rejects.toMatchObject({
      wire: { code: 'site.step-unverified', message: expect.stringContaining('it is not running') },
    });
  });

  it('is restarted when it hangs: what waits is answered, and the next request too; a stopped one stays stopped', async () => {
    await vllm();
    expect((await deploy()).json.ok).toBe(true);
    const paths = sitePaths(join(stage.home, 'data/sites'), site);
    const container = stage.engine.docker.getContainer(`sealift-${site}-model`);
    const before = (await container.inspect()).State.StartedAt;
    await container.pause();
    const waiting = stage.askFront('mistral', '127.0.0.1');
    await expect
      .poll(async () => liveState(await serviceFacts(paths))?.parts.find(({ name }) => name === 'front')?.measured, {
        timeout: 30_000,
      })
      .toMatchObject({ inFlight: 1, upstreamSilentSeconds: expect.any(Number) });
    expect(await restartModel(paths, never)).toEqual([`sealift-${site}-model`]);
    // It may answer while it ends, or break off.
    expect([200, 503]).toContain((await waiting).status);
    expect((await container.inspect()).State.StartedAt).not.toBe(before);
    await expect.poll(async () => (await answer()).includes('SIMULATED answer'), { timeout: 30_000 }).toBe(true);
    await container.stop();
    expect(await restartModel(paths, never)).toEqual([]);
    expect((await container.inspect()).State.Running).toBe(false);
  });

  it('is not left down by a restart that a stop overtakes, and is down after the stop', async () => {
    await vllm();
    expect((await deploy()).json.ok).toBe(true);
    const paths = sitePaths(join(stage.home, 'data/sites'), site);
    const container = stage.engine.docker.getContainer(`sealift-${site}-model`);
    // It does not hear the request to stop, as a hung one.
    await container.pause();
    const stopping = new AbortController();
    const events = await stage.engine.docker.getEvents({ filters: { container: [container.id], event: ['kill'] } });
    const restart = restartModel(paths, stopping.signal);
    await once(events, 'data');
    stopping.abort();
    expect(await restart).toEqual([`sealift-${site}-model`]);
    (events as Readable).destroy();
    expect((await container.inspect()).State.Status).toBe('running');
    // The next one is not begun.
    expect(await restartModel(paths, stopping.signal)).toEqual([]);
    expect((await stage.run('stop', '--site', site)).json.ok).toBe(true);
    expect((await container.inspect()).State.Status).toBe('exited');
  });

  /** Lets the site ask its engine through a socket that passes everything on; `onAnswer` runs before each answer arrives. */
  const throughSocket = async (onAnswer: (path: string) => Promise<unknown> | undefined, body: () => Promise<void>) => {
    const paths = sitePaths(join(stage.home, 'data/sites'), site);
    const socketPath = stage.engine.address.replace('unix://', '');
    const between = createServer((asked, answer) => {
      const { url: path = '', method, headers } = asked;
      const passed = request({ socketPath, path, method, headers }, async (got) => {
        await onAnswer(path);
        answer.writeHead(got.statusCode ?? 500, got.headers);
        got.pipe(answer);
      });
      asked.pipe(passed);
    });
    const socket = join(stage.home, 'between.sock');
    await once(between.listen(socket), 'listening');
    const record = await readFile(paths.deployment, 'utf8');
    await writeFile(paths.deployment, record.replace(stage.engine.address, `unix://${socket}`));
    try {
      await body();
    } finally {
      await writeFile(paths.deployment, record);
      between.closeAllConnections();
      between.close();
    }
  };

  it('is stopped again when the engine starts it meanwhile, as at the end of a restart', async () => {
    await vllm();
    expect((await deploy()).json.ok).toBe(true);
    const paths = sitePaths(join(stage.home, 'data/sites'), site);
    const container = stage.engine.docker.getContainer(`sealift-${site}-model`);
    let stops = 0;
    const startOnce = (path: string) => {
      if (path.includes('/stop')) stops += 1;
      return path.includes('/stop') && stops === 1 ? container.start() : undefined;
    };
    await throughSocket(startOnce, async () => expect(await stopContainers(paths, quietWork())).toBe(true));
    expect([stops, (await container.inspect()).State.Status]).toEqual([2, 'exited']);
  });

  it('is stopped when the service was killed between the halves of a restart', async () => {
    await vllm();
    expect((await deploy()).json.ok).toBe(true);
    const paths = sitePaths(join(stage.home, 'data/sites'), site);
    const container = stage.engine.docker.getContainer(`sealift-${site}-model`);
    const { process: running, state } = await serviceFacts(paths);
    killHard(running?.pid);
    await untilGone(running?.pid, running?.start);
    await writeFile(paths.serviceState, JSON.stringify({ ...state, modelRestartSince: new Date().toISOString() }));
    await container.stop({ t: 1 });
    // The first look finds it stopped; the engine starts it right after.
    let looks = 0;
    const startOnce = (path: string) => {
      const isLook = /\/containers\/[0-9a-f]{64}\/json/.test(path);
      if (isLook) looks += 1;
      return isLook && looks === 1 ? container.start() : undefined;
    };
    await throughSocket(startOnce, async () => {
      expect(await stage.run('stop', '--site', site)).toMatchObject({ json: { data: { wasRunning: true } } });
    });
    expect((await container.inspect()).State.Status).toBe('exited');
  });

  it('is refused for another platform, and for a range that another network has', async () => {
    await withBroken({ architecture: 'arm64' }, async () => {
      await vllm(broken);
      expect((await deploy()).json.error).toMatchObject({
        code: 'engine.wrong-platform',
        message: expect.stringContaining('linux/arm64'),
      });
    });
    const IPAM = { Config: [{ Subnet: stage.modelSubnet }] };
    const other = await stage.engine.docker.createNetwork({ Name: `sealift-${site}-other`, IPAM });
    try {
      await vllm();
      expect((await deploy()).json.error).toMatchObject({
        code: 'engine.subnet-taken',
        message: expect.stringContaining(stage.modelSubnet),
      });
    } finally {
      await other.remove();
    }
  });

  it('never touches what others made under its names, or under names that look like them', async () => {
    const { docker } = stage.engine;
    const mark = await siteMark(sitePaths(join(stage.home, 'data/sites'), site));
    await keepOwner(sitePaths(join(stage.home, 'data/sites'), site), mark);
    const likeLabels = { ...siteLabels({ ...mark, site: `${site}-2` }), 'app.sealift.part': 'ollama' };
    const like = await docker.createContainer({
      name: `${names.container}-2`,
      Image: images.ollama,
      Labels: likeLabels,
    });
    const likeNetwork = await docker.createNetwork({ Name: `${names.network}-2`, Labels: likeLabels });
    await docker.createVolume({ Name: `${names.volume}-2`, Labels: likeLabels });
    const makers = {
      container: async () => {
        const made = await docker.createContainer({ name: names.container, Image: images.ollama });
        return () => made.remove();
      },
      network: async () => {
        const made = await docker.createNetwork({ Name: names.network, Internal: true });
        return () => made.remove();
      },
      volume: async () => {
        await docker.createVolume({ Name: names.volume });
        return () => docker.getVolume(names.volume).remove();
      },
    };
    try {
      await ollama();
      for (const kind of ['container', 'network', 'volume'] as const) {
        const remove = await makers[kind]();
        try {
          const run = await deploy();
          expect(run).toMatchObject({ exitCode: 3, json: { error: { code: 'engine.name-taken', details: { kind } } } });
          await stage.removeSite();
          expect(await engineListing(stage.engine, names[kind])).toContain(
            kind === 'container' ? `/${names[kind]}` : names[kind],
          );
        } finally {
          await remove();
        }
      }
      expect((await deploy()).json.ok).toBe(true);
      await stage.removeSite();
      expect(await engineListing(stage.engine, site)).toEqual(
        [`/${names.container}-2`, `${names.network}-2`, `${names.volume}-2`].sort(),
      );
    } finally {
      await like.remove();
      await likeNetwork.remove();
      await docker.getVolume(`${names.volume}-2`).remove();
    }
  });

  it('is named and repaired when someone removed, renamed, stopped or changed its parts', async () => {
    const { docker } = stage.engine;
    const container = () => docker.getContainer(names.container);
    const gone = async () => container().remove({ force: true });
    await ollama();
    await deploy();
    // Whether Ollama has its model can be asked only when it runs.
    const again = ['container.ollama', 'container.ollama-model'];
    const cases: [string, () => Promise<unknown>, RegExp, string[]][] = [
      ['removed', gone, /the container of ollama is missing/, again],
      ['stopped', () => container().stop({ t: 0 }), /ollama is stopped/, again],
      ['paused', () => container().pause(), /ollama is stopped/, again],
      ['renamed', () => container().rename({ name: 'somebody' }), /renamed to somebody/, ['container.ollama']],
      [
        'taken off its network',
        () => docker.getNetwork(names.network).disconnect({ Container: names.container }),
        /taken off the network/,
        again,
      ],
      [
        'without its network',
        async () => {
          await gone();
          await docker.getNetwork(names.network).remove();
        },
        /is missing/,
        [`network.${names.network}`, ...again],
      ],
      [
        'on a network with internet access',
        async () => {
          await docker.getNetwork(names.network).disconnect({ Container: names.container });
          await docker.getNetwork(names.network).remove();
          const IPAM = { Config: [{ Subnet: stage.modelSubnet }] };
          const mark = await siteMark(sitePaths(join(stage.home, 'data/sites'), site));
          await docker.createNetwork({ Name: names.network, IPAM, Labels: siteLabels(mark) });
          const EndpointConfig = { IPAMConfig: { IPv4Address: addressIn(stage.modelSubnet, 2) } };
          await docker.getNetwork(names.network).connect({ Container: names.container, EndpointConfig });
        },
        /was changed: it has internet access/,
        [`network.${names.network}`, 'container.ollama'],
      ],
      [
        'without its volume',
        async () => {
          await gone();
          await docker.getVolume(names.volume).remove();
        },
        /is missing/,
        [`volume.${names.volume}`, ...again],
      ],
    ];
    for (const [what, change, said, steps] of cases) {
      await change();
      expect((await stage.run('status', '--site', site)).stdout, what).toMatch(said);
      const run = await deploy();
      expect(run.json.error, what).toBeUndefined();
      expect(
        changed(run).filter((id) => !id.startsWith('port.')),
        what,
      ).toEqual(steps);
      expect(await answer(), what).toContain('SIMULATED answer');
    }
  });

  it("is removed only after someone else's container has left its network", async () => {
    await ollama();
    await deploy();
    const { docker } = stage.engine;
    const HostConfig = { NetworkMode: names.network };
    const guest = await docker.createContainer({ name: guestName, Image: images.ollama, HostConfig });
    try {
      await guest.start();
      const refused = await stage.run('uninstall', '--site', site, '--yes', '--keep-weights');
      expect(refused).toMatchObject({
        exitCode: 3,
        json: { error: { code: 'engine.network-in-use', details: { users: [guestName] } } },
      });
      expect((await guest.inspect()).State.Running).toBe(true);
      expect(await engineListing(stage.engine, names.container)).toContain(`/${names.container}`);
    } finally {
      await guest.remove({ force: true });
    }
    expect((await stage.run('uninstall', '--site', site, '--yes', '--keep-weights')).json.ok).toBe(true);
  });

  it.each([
    [
      'vllm',
      () => vllm(),
      () =>
        stage.importModel('weights', {
          ...besideSafetensors,
          'config.json': JSON.stringify(smallConfig),
          'model.safetensors': safetensors(6000),
        }),
    ],
    ['ollama', () => ollama(), () => stage.importModel('tiny', { 'tiny.gguf': gguf(128) })],
  ] as const)('takes other weights of the same name: %s', async (part, writeSite, importOther) => {
    await writeSite();
    await deploy();
    await importOther();
    const run = await deploy();
    expect(run.json.error).toBeUndefined();
    expect(changed(run)).toContain(part === 'vllm' ? 'container.model' : 'container.ollama-model');
    expect(await answer()).toContain('SIMULATED answer');
    expect(changed(await deploy())).toEqual([]);
  });
});
