import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  digestOf,
  dockerArchive,
  ociLayout,
  skippableFrame,
  type TestImage,
  writeTar,
  writeTree,
  zstdFrame,
} from '../../scenes/make-sources.ts';
import { PackScene } from '../../scenes/pack-scene.ts';
import { checkMedia } from '../../scenes/packed-media.ts';

let scene: PackScene;
beforeEach(async () => {
  scene = await PackScene.open();
});
afterEach(() => scene.close());

/** A layer as it is packed, and what the image's configuration has in its place. */
interface Layer {
  packed: Buffer;
  unpacked: Buffer;
  compression?: 'zstd';
}
const tar = () => Buffer.concat([Buffer.alloc(4), randomBytes(3 * 2 ** 20), Buffer.alloc(2 ** 20)]);
const whole = (unpacked = tar()): Layer => ({ unpacked, packed: gzipSync(unpacked, { level: 1 }) });
const cut = (layer: Layer): Layer => ({ ...layer, packed: layer.packed.subarray(0, -1000) });
const other = (layer: Layer): Layer => ({ ...layer, unpacked: tar() });

function imageOf(...layers: Layer[]): TestImage {
  const rootfs = { type: 'layers', diff_ids: layers.map(({ unpacked }) => digestOf(unpacked)) };
  const config = Buffer.from(JSON.stringify({ os: 'linux', architecture: 'amd64', rootfs }));
  const type = 'application/vnd.oci.image';
  const blob = (kind: string, bytes: Buffer) => ({
    mediaType: `${type}.${kind}`,
    digest: digestOf(bytes),
    size: bytes.length,
  });
  const manifest = {
    schemaVersion: 2,
    mediaType: `${type}.manifest.v1+json`,
    config: blob('config.v1+json', config),
    layers: layers.map(({ packed, compression = 'gzip' }) => blob(`layer.v1.tar+${compression}`, packed)),
  };
  return { config, layers: layers.map(({ packed }) => packed), manifest: Buffer.from(JSON.stringify(manifest)) };
}

/** Packs these images, each from a folder of its own, and returns the message of the refusal. */
async function refusal(...images: TestImage[]): Promise<string> {
  const contents = images.map((_, no) => `{kind: image, path: layout${no}, reference: "host.example/app${no}:1"}`);
  for (const [no, image] of images.entries()) await writeTree(scene.at(`layout${no}`), ociLayout([{ image }]));
  return scene.pack(contents, ['m1'], { partBytes: 2 ** 20 }).then(
    () => 'packed',
    (error) => `${error.code}: ${error.message}`,
  );
}

describe('a compressed layer', () => {
  it('is packed as it is when it unpacks to what its configuration has, also in parts and in several members', async () => {
    const [one, two] = [whole(), whole()];
    const members = {
      unpacked: Buffer.concat([one.unpacked, two.unpacked]),
      packed: Buffer.concat([one.packed, two.packed]),
    };
    expect(await refusal(imageOf(one, members))).toBe('packed');
    const { blobs } = await checkMedia([scene.at('m1')]);
    for (const { packed } of [one, members]) expect(blobs.get(digestOf(packed))?.equals(packed)).toBe(true);
  });

  it('in several zstd frames, also those to skip, is packed as it is', async () => {
    const halves = [randomBytes(30_000), randomBytes(20_000)];
    const packed = Buffer.concat(halves.flatMap((half) => [skippableFrame(4), zstdFrame(half)]));
    const layer: Layer = { unpacked: Buffer.concat(halves), packed, compression: 'zstd' };
    expect(await refusal(imageOf(layer))).toBe('packed');
    const { blobs } = await checkMedia([scene.at('m1')]);
    expect(blobs.get(digestOf(packed))?.equals(packed)).toBe(true);
  });

  it('that was cut before its image was made is refused', async () => {
    expect(await refusal(imageOf(whole(), cut(whole())))).toMatch(
      /^pack\.image-incomplete: .*host\.example\/app0:1.* is cut off or damaged/,
    );
  });

  it('with other content than its configuration has is refused', async () => {
    const layer = other(whole());
    const message = await refusal(imageOf(layer));
    expect(message).toMatch(/^pack\.image-incomplete: .* unpacks to sha256:/);
    expect(message).toContain(`its configuration has ${digestOf(layer.unpacked)}`);
  });

  it('that two images share is refused for the one whose configuration has other content', async () => {
    const layer = whole();
    expect(await refusal(imageOf(layer), imageOf(other(layer)))).toMatch(
      /^pack\.image-incomplete: .*host\.example\/app1:1/,
    );
  });

  it('of a saved archive is checked in the same way', async () => {
    const layer = other(whole());
    await writeTar(scene.at('saved.tar'), dockerArchive(imageOf(layer), ['host.example/app:1']));
    const contents = ['{kind: image, path: saved.tar, reference: "host.example/app:1"}'];
    expect(await scene.refusal(contents, ['m1'])).toBe('pack.image-incomplete');
  });

  it.each<[string, () => Layer, string | undefined]>([
    ['as it should be', whole, undefined],
    ['with other content', () => other(whole()), 'pack.image-incomplete'],
    ['cut off', () => cut(whole()), 'pack.image-incomplete'],
    ['small, with other content', () => other(whole(randomBytes(9000))), 'pack.image-incomplete'],
    ['small and cut off', () => cut(whole(randomBytes(9000))), 'pack.image-incomplete'],
  ])('that an engine streams is checked in the same way: %s', async (_what, layer, code) => {
    const image = imageOf(whole(), layer());
    const server = await saving(image, 'host.example/app:1');
    try {
      const contents = ['{kind: image, engine: docker, reference: "host.example/app:1"}'];
      const packed = scene.pack(contents, ['m1'], { partBytes: 2 ** 20 });
      if (code) await expect(packed).rejects.toMatchObject({ code });
      else expect((await packed).contents).toHaveLength(1);
    } finally {
      delete process.env.DOCKER_HOST;
      server.close();
    }
  });
});

/* No engine saves a damaged image on request. */
async function saving(image: TestImage, reference: string) {
  await writeTar(scene.at('stream.tar'), dockerArchive(image, [reference]));
  const answers: [RegExp, object][] = [
    [/\/version$/, { Version: '28.5.2', Os: 'linux', Arch: 'amd64', Components: [] }],
    [/\/info$/, { DockerRootDir: '/', DriverStatus: [['driver-type', 'io.containerd.snapshotter.v1']] }],
    [
      /\/json$/,
      { Id: digestOf(image.manifest), Os: 'linux', Architecture: 'amd64', Size: 1e8, RootFS: { Layers: [] } },
    ],
  ];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://engine');
    const [, answer] = answers.find(([path]) => path.test(pathname)) ?? [];
    if (answer) response.end(JSON.stringify(answer));
    else createReadStream(scene.at('stream.tar')).pipe(response);
  });
  await new Promise<void>((done) => server.listen(scene.at('engine.sock'), done));
  process.env.DOCKER_HOST = `unix://${scene.at('engine.sock')}`;
  return server;
}
