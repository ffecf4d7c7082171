import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createWriteStream, statfsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { Engine } from '../../../../src/main/core/engine/connect-engine.ts';
import { addressIn, freeSubnet, takenSubnets } from '../../../../src/main/core/engine/subnets.ts';
import { freePorts } from '../../../../src/main/core/rehearse/free-ports.ts';
import { makeGatewayImage } from '../../../../src/main/core/rehearse/gateway-image.ts';
import { nodeProgram } from '../../../../src/main/core/rehearse/node-program.ts';
import { homePaths } from '../../../../src/main/core/settings/paths.ts';
import { gatherFacts } from '../../../../src/main/core/wizard/gather-facts.ts';
import { quietWork } from '../../../../src/main/core/work.ts';
import type { ProbeResult } from '../../../../src/shared/contract/probe.ts';
import { contractContent } from '../../../fakes/contract-image.ts';
import { missing } from '../../../needs.ts';
import { builtWorkers, runSealift } from '../../../run-sealift.ts';
import { ociLayout, safetensorsHeader, smallConfig, smallTokenizer, writeTree } from '../../../scenes/make-sources.ts';
import { dockerdIsThere, OwnDockerd } from '../../../scenes/own-dockerd.ts';
import { smallImage } from '../../../scenes/small-image.ts';

const GB = 1e9;
const hasRoom = () => {
  const { bavail, bsize } = statfsSync(tmpdir());
  return bavail * bsize > 6 * GB;
};
const lacks =
  missing('dockerd, as root,', dockerdIsThere) ||
  missing('go') ||
  missing('curl') ||
  missing('6 GB of free disk', hasRoom);
const gatewayImage = 'sealift-whole-test.example/model-gateway:self-hosted-v18.9.0-ee';
const serverImage = 'sealift-whole-test.example/vllm:1';
const imageBytes = 300e6;

describe.skipIf(lacks)('the whole way with large contents', () => {
  let dockerd: OwnDockerd;
  let engine: Engine;
  let folder = '';
  beforeAll(async () => {
    dockerd = await OwnDockerd.start({ sizeMiB: 3000 });
    engine = await dockerd.connect();
    folder = await mkdtemp(join(tmpdir(), 'sealift-whole-'));
  });
  afterAll(async () => {
    for (const medium of media()) execFileSync('sh', ['-c', 'umount "$0" 2>/dev/null || true', medium]);
    await dockerd?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const media = () => ['a', 'b'].map((name) => join(folder, 'read-only', name));
  const sealift = async (home: string, ...args: string[]) => {
    const run = await runSealift('--home', join(folder, home), '--json', ...args);
    expect(run.json.error, run.stderr.slice(-2000)).toBeUndefined();
    return run.json.data as Record<string, unknown>;
  };

  it('goes from two read-only media to containers with a green probe, and is removed again', {
    timeout: 300_000,
  }, async () => {
    const before = await listing(engine);
    await pack();
    expect(await listing(engine)).toEqual(before);

    const imported = await sealift('there', 'import', ...media(), '--engine', engine.address);
    expect(imported).toMatchObject({ images: [{ path: 'registry' }, { path: 'registry' }], findings: [] });
    expect(Number(imported.imageBytesSent)).toBeGreaterThan(imageBytes);
    const withImages = await listing(engine);
    expect(withImages.filter((line) => !before.includes(line)).sort()).toEqual([
      `image ${gatewayImage}`,
      `image ${serverImage}`,
    ]);

    const site = await siteFile();
    const deployed = await sealift('there', 'deploy', site);
    expect(deployed).toMatchObject({ simulated: true, containers: [{ part: 'model' }, { part: 'gateway' }] });
    await sealift('there', 'gitlab', 'apply', site);
    const probed = (await sealift('there', 'probe', site)) as unknown as ProbeResult;
    expect(probed.hops.map((hop) => [hop.hop, hop.ok, hop.simulated])).toEqual(
      ['model', 'gateway-to-model', 'gateway-health', 'gateway-prompt-check', 'gitlab-connection-check']
        .concat('gitlab-completion')
        .map((hop) => [hop, true, true]),
    );

    const keeping = await sealift('there', 'uninstall', '--yes', '--keep-weights', '--keep-images');
    const weights = join(folder, 'there', 'store', 'models', 'weights');
    expect(keeping.keeps).toEqual([
      { path: weights, reason: 'you chose to keep the weights' },
      { path: `image ${gatewayImage}`, reason: '--keep-images' },
      { path: `image ${serverImage}`, reason: '--keep-images' },
    ]);
    expect((await stat(join(weights, 'model.safetensors'))).size).toBeGreaterThan(GB);
    expect(await listing(engine)).toEqual(withImages);
    const counted = async () => (await gatherFacts(homePaths(join(folder, 'there')), [])).store.images.length;
    expect(await counted()).toBe(2);

    await sealift('there', 'deploy', site);
    await sealift('there', 'uninstall', '--yes');
    expect(await listing(engine)).toEqual(before);
    expect(await counted()).toBe(0);
    await expect(stat(weights)).rejects.toThrow('ENOENT');
  });

  /** Packs the SIMULATED gateway from the engine, a padded server from a layout, and weights, over two media. */
  async function pack(): Promise<void> {
    const weights = join(folder, 'weights', 'model.safetensors');
    await mkdir(dirname(weights), { recursive: true });
    await randomFile(weights, GB);
    await writeFile(join(folder, 'weights', 'config.json'), JSON.stringify(smallConfig));
    await writeFile(join(folder, 'weights', 'tokenizer.json'), smallTokenizer);
    const { files, config } = contractContent('vllm');
    const server = await smallImage([files, { padding: randomBytes(imageBytes) }], config);
    const layers = server.layers.map((layer) => layer.bytes);
    const image = { config: server.config.bytes, layers, manifest: server.manifest.bytes };
    await writeTree(join(folder, 'layout'), ociLayout([{ image }]));
    const program = await nodeProgram(process.execPath);
    if (!program) throw new Error('ldd does not list the libraries that Node needs');
    await makeGatewayImage(engine, { reference: gatewayImage, labels: {} }, program, builtWorkers, quietWork());
    const spec = {
      bundle: 1,
      name: 'whole',
      contents: [
        { kind: 'model', name: 'weights', path: 'weights', licence: 'none' },
        { kind: 'image', path: 'layout', reference: serverImage },
        { kind: 'image', engine: 'docker', reference: gatewayImage },
      ],
    };
    await writeFile(join(folder, 'BUNDLE.yaml'), stringify(spec));
    const written = ['a', 'b'].map((name) => join(folder, name));
    for (const medium of [...written, ...media()]) await mkdir(medium, { recursive: true });
    const { words } = await sealift('here', 'key', 'new', 'packer');
    process.env.DOCKER_HOST = engine.address;
    try {
      const to = written.flatMap((medium) => ['--to', medium]);
      const packed = await sealift(
        'here',
        'bundle',
        'pack',
        join(folder, 'BUNDLE.yaml'),
        '--accept-licence',
        ...to,
        '--medium-size',
        '900MB',
      );
      expect(packed.media).toHaveLength(2);
    } finally {
      delete process.env.DOCKER_HOST;
    }
    await engine.docker.getImage(gatewayImage).remove();
    for (const path of ['weights', 'layout']) await rm(join(folder, path), { recursive: true });
    for (const [at, medium] of media().entries()) {
      execFileSync('mount', ['--bind', written[at] ?? '', medium]);
      execFileSync('mount', ['-o', 'remount,bind,ro', medium]);
    }
    await sealift('there', 'key', 'trust', String(words));
  }

  async function siteFile(): Promise<string> {
    const path = join(folder, 'site.yaml');
    const [gitlab, httpPort, grpcPort, front] = await freePorts(4);
    const taken = await takenSubnets(engine);
    const subnet = freeSubnet(taken) ?? '';
    const site = {
      sealift: 1,
      name: 'whole-way',
      engineHost: engine.address,
      gitlab: { url: `http://${addressIn(subnet, 1)}:${gitlab}`, version: '18.9', simulated: true },
      gateway: { kind: 'container', host: '127.0.0.1', httpPort, grpcPort, image: gatewayImage, subnet },
      model: {
        engine: 'vllm',
        name: 'weights',
        servedName: 'mistral',
        family: 'MISTRAL',
        image: serverImage,
        gpu: 'none',
        subnet: freeSubnet([...taken, subnet]),
      },
      front: { port: front },
    };
    await writeFile(path, stringify(site));
    return path;
  }
});

/** What `docker ps -a`, `network ls`, `volume ls` and `image ls -a` name. */
async function listing({ docker }: Engine): Promise<string[]> {
  const [containers, networks, volumes, images] = await Promise.all([
    docker.listContainers({ all: true }),
    docker.listNetworks(),
    docker.listVolumes(),
    docker.listImages({ all: true }),
  ]);
  return [
    ...containers.map((one) => `container ${one.Names[0]}`),
    ...networks.map((one) => `network ${one.Name}`),
    ...(volumes.Volumes ?? []).map((one) => `volume ${one.Name}`),
    ...images.flatMap((one) => (one.RepoTags ?? [one.Id]).map((tag) => `image ${tag}`)),
  ].sort();
}

/** A whole safetensors file with one tensor of random bytes, written piece by piece. */
async function randomFile(path: string, tensorBytes: number): Promise<void> {
  const pieceBytes = 16e6;
  const pieces = function* () {
    yield safetensorsHeader(tensorBytes);
    for (let left = tensorBytes; left > 0; left -= pieceBytes) yield randomBytes(Math.min(left, pieceBytes));
  };
  await pipeline(Readable.from(pieces()), createWriteStream(path));
}
