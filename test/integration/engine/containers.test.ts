import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { awaitHealthy } from '../../../src/main/core/engine/await-healthy.ts';
import { connectEngine, type Engine, engineAddress } from '../../../src/main/core/engine/connect-engine.ts';
import { type ContainerSpec, createOptions, specHash } from '../../../src/main/core/engine/container-spec.ts';
import { containerState } from '../../../src/main/core/engine/container-state.ts';
import { ensureContainer } from '../../../src/main/core/engine/ensure-container.ts';
import { ensureNetwork, ensureVolume, removeSiteObjects } from '../../../src/main/core/engine/networks-and-volumes.ts';
import { missing } from '../../needs.ts';
import { busyboxImage, busyboxIsThere } from '../../scenes/busybox-image.ts';
import { dockerIsThere } from '../../scenes/docker-is-there.ts';
import { ownName } from '../../scenes/own-name.ts';

const site = ownName('engine-test');
const mark = { site, owner: 'a'.repeat(32) };
const otherNetwork = `sealift-${site}-other`;
const lacks = missing('a running dockerd', dockerIsThere) || missing('a static busybox', busyboxIsThere);

describe.skipIf(lacks)('containers, networks and volumes', () => {
  let engine: Engine;
  let imageId = '';
  let before = '';
  const reference = `${ownName('example')}.test/busybox:1`;
  const listing = async () => {
    const [containers, networks, volumes] = await Promise.all([
      engine.docker.listContainers({ all: true }),
      engine.docker.listNetworks(),
      engine.docker.listVolumes(),
    ]);
    const names = [
      ...containers.map((one) => one.Names[0]),
      ...networks.map((one) => one.Name),
      ...(volumes.Volumes ?? []).map((one) => one.Name),
    ];
    // Other tests may use the engine at the same time.
    return names
      .filter((name) => name?.includes(site))
      .sort()
      .join(' ');
  };

  beforeAll(async () => {
    engine = await connectEngine(engineAddress(undefined));
    imageId = await busyboxImage(engine, reference, 'echo started; exec /bin/busybox httpd -f -p 8080');
    await removeSiteObjects(engine, mark, { keepVolumes: false });
    before = await listing();
  });
  afterEach(async () => {
    await removeSiteObjects(engine, mark, { keepVolumes: false });
    expect(await listing()).toBe(before);
  });
  afterAll(() => engine?.docker.getImage(reference).remove({ force: true }));

  const spec = (changes: Partial<ContainerSpec> = {}): ContainerSpec => ({
    site,
    part: 'web',
    name: `sealift-${site}-web`,
    imageId,
    env: { SECRET: 'marker-value' },
    secretEnv: ['SECRET'],
    networks: [{ name: `sealift-${site}`, aliases: ['web'] }],
    ports: [],
    mounts: [],
    holds: [],
    tmpfs: ['/tmp'],
    extraHosts: [],
    readOnlyRoot: true,
    dropCapabilities: true,
    simulated: true,
    ...changes,
  });
  const ensureNet = () => ensureNetwork(engine, { ...mark, name: `sealift-${site}`, internal: true });

  it('are made once, kept when as wanted, and started again when stopped', async () => {
    expect(await ensureNet()).toBe('made');
    expect(await ensureNet()).toBe('kept');
    expect(await ensureVolume(engine, mark, `sealift-${site}-data`)).toBe('made');
    expect(await ensureVolume(engine, mark, `sealift-${site}-data`)).toBe('kept');
    const first = await ensureContainer(engine, spec(), mark.owner);
    expect(first.done).toBe('made');
    expect(await ensureContainer(engine, spec(), mark.owner)).toEqual({ id: first.id, done: 'kept' });
    await engine.docker.getContainer(first.id).stop({ t: 0 });
    expect(await ensureContainer(engine, spec(), mark.owner)).toEqual({ id: first.id, done: 'started' });
  });

  it.each([
    ['renamed', (id: string) => engine.docker.getContainer(id).rename({ name: 'somebody' }), 'renamed'],
    [
      'taken off its network',
      (id: string) => engine.docker.getNetwork(`sealift-${site}`).disconnect({ Container: id }),
      'taken off',
    ],
    [
      'joined to another network',
      (id: string) => engine.docker.getNetwork(otherNetwork).connect({ Container: id }),
      'joined',
    ],
  ])('are found when someone %s by hand, and recreated', async (_what, change, word) => {
    const other = await engine.docker.createNetwork({ Name: otherNetwork });
    await ensureNetwork(engine, { ...mark, name: `sealift-${site}`, internal: false });
    const { id } = await ensureContainer(engine, spec(), mark.owner);
    await change(id);
    const state = await containerState(engine, spec(), mark.owner);
    expect(state).toMatchObject({ kind: 'changed', id });
    expect(JSON.stringify(state)).toContain(word);
    expect((await ensureContainer(engine, spec(), mark.owner)).done).toBe('recreated');
    expect(await containerState(engine, spec(), mark.owner)).toMatchObject({ kind: 'running' });
    await other.remove();
  });

  it('leave no volume of their image behind when they are recreated', async () => {
    const ofImage = `${reference}-volume`;
    const imageId = await busyboxImage(engine, ofImage, 'exec /bin/busybox sleep 600', { Volumes: { '/data': {} } });
    const make = async (command: string) => {
      const wanted = spec({ imageId, command: ['/bin/busybox', 'sleep', command] });
      const { id } = await ensureContainer(engine, wanted, mark.owner);
      const { Mounts } = await engine.docker.getContainer(id).inspect();
      return Mounts.flatMap((one) => (one.Type === 'volume' ? [one.Name ?? ''] : []));
    };
    try {
      await ensureNet();
      const volumes = [...(await make('600')), ...(await make('601'))];
      expect(volumes).toHaveLength(2);
      expect(await ensureNetwork(engine, { ...mark, name: `sealift-${site}`, internal: false })).toBe('recreated');
      const left = (await engine.docker.listVolumes()).Volumes ?? [];
      expect(left.filter((one) => volumes.includes(one.Name))).toEqual([]);
    } finally {
      await removeSiteObjects(engine, mark, { keepVolumes: false });
      await engine.docker.getImage(ofImage).remove({ force: true });
    }
  });

  it('never touch what someone else made under the same name', async () => {
    const foreign = await engine.docker.createContainer({ name: spec().name, Image: imageId });
    const network = await engine.docker.createNetwork({ Name: `sealift-${site}` });
    const volume = await engine.docker.createVolume({ Name: `sealift-${site}-data` });
    try {
      await expect(ensureContainer(engine, spec(), mark.owner)).rejects.toMatchObject({
        wire: { code: 'engine.name-taken' },
      });
      await expect(ensureNet()).rejects.toMatchObject({ wire: { code: 'engine.name-taken' } });
      await expect(ensureVolume(engine, mark, `sealift-${site}-data`)).rejects.toMatchObject({
        wire: { code: 'engine.name-taken' },
      });
      expect(await removeSiteObjects(engine, mark, { keepVolumes: false })).toEqual([]);
      expect((await foreign.inspect()).Name).toBe(`/${spec().name}`);
    } finally {
      await foreign.remove({ force: true });
      await network.remove();
      await engine.docker.getVolume(volume.name).remove();
    }
  });

  it('report a container that ends at once, with its last lines', async () => {
    await ensureNet();
    const wanted = spec({ command: ['/bin/busybox', 'sh', '-c', 'echo "cannot start: marker-line"; exit 7'] });
    const { id } = await ensureContainer(engine, wanted, mark.owner);
    const wait = awaitHealthy(engine, { id, name: wanted.name }, async () => false, {
      timeoutMs: 20_000,
      signal: new AbortController().signal,
    });
    await expect(wait).rejects.toMatchObject({
      wire: { code: 'engine.container-exited', message: expect.stringContaining('marker-line') },
    });
  });

  it('report a container that never becomes healthy', async () => {
    await ensureNet();
    const { id } = await ensureContainer(engine, spec(), mark.owner);
    const wait = awaitHealthy(engine, { id, name: 'web' }, async () => false, {
      timeoutMs: 1500,
      signal: new AbortController().signal,
    });
    await expect(wait).rejects.toMatchObject({
      wire: { code: 'engine.container-unhealthy', message: expect.stringContaining('started') },
    });
  });

  it('name the port that is taken', async () => {
    await ensureNetwork(engine, { ...mark, name: `sealift-${site}`, internal: false });
    const server = createServer();
    const port = await new Promise<number>((resolve) =>
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
    );
    const wanted = spec({ ports: [{ containerPort: 8080, hostIp: '127.0.0.1', hostPort: port }] });
    await expect(ensureContainer(engine, wanted, mark.owner)).rejects.toMatchObject({
      wire: { code: 'serving.port-in-use', details: { port } },
    });
    server.close();
  });

  it('keep secrets out of labels, yet notice that one changed', () => {
    expect(JSON.stringify(createOptions(spec(), mark.owner).Labels)).not.toContain('marker-value');
    expect(specHash(spec({ env: { SECRET: 'other' } }))).not.toBe(specHash(spec()));
  });
});
