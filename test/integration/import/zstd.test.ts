import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../../src/main/core/engine/connect-engine.ts';
import { quietWork } from '../../../src/main/core/work.ts';
import { missing } from '../../needs.ts';
import { ImageStage, imagePrefix } from '../../scenes/image-stage.ts';
import { zstdFrame } from '../../scenes/make-sources.ts';
import { dockerdIsThere, OwnDockerd } from '../../scenes/own-dockerd.ts';
import { OwnPodman, podmanIsThere } from '../../scenes/own-podman.ts';
import { blobOf, type SmallImage, smallImage } from '../../scenes/small-image.ts';

const lacks = missing('dockerd, as root,', dockerdIsThere) || missing('podman, as root,', podmanIsThere);
const reference = `${imagePrefix}.example/zstd:1`;

describe.skipIf(lacks)('importing an image with a layer compressed with zstd', { timeout: 60_000 }, () => {
  let own: OwnDockerd | OwnPodman;
  let engine: Engine;
  let stage: ImageStage;
  afterEach(async () => {
    await stage?.close();
    await own?.stop();
  });
  const packed = async () => {
    engine = await own.connect();
    stage = await ImageStage.open();
    const image = withZstd(await smallImage([{ a: Buffer.from('content') }, { b: Buffer.from('more') }]));
    await stage.pack([await stage.layout('layout', reference, image)], ['a']);
    return image;
  };

  it('into Docker 20.10 is refused before anything is sent, with a remedy that needs no internet', async () => {
    own = await OwnDockerd.start({ sizeMiB: 100 });
    await packed();
    const steps: string[] = [];
    const work = { ...quietWork(), step: (id: string) => void steps.push(id) };
    const refused = await stage.import(['a'], { engine: engine.address, work }).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: 'engine.no-zstd',
      wire: { details: { reference, version: engine.version } },
    });
    expect(JSON.stringify((refused as { wire: unknown }).wire)).toContain('from packages that were carried in');
    expect(steps).not.toContain('copy');
    expect(await engine.docker.listImages({ all: true })).toEqual([]);
  });

  it('into Podman brings it', async () => {
    own = await OwnPodman.start({ sizeMiB: 100 });
    const image = await packed();
    const done = await stage.import(['a'], { engine: engine.address });
    expect(done.images).toMatchObject([{ reference, imageId: image.config.digest, path: 'load' }]);
  });
});

/** The same image with its last layer in a zstd frame. */
function withZstd(image: SmallImage): SmallImage {
  const [first, last] = image.layers;
  if (!first || !last) throw new Error('an image of two layers is needed');
  const layer = blobOf(zstdFrame(gunzipSync(last.bytes)));
  const parsed = JSON.parse(String(image.manifest.bytes));
  const mediaType = 'application/vnd.oci.image.layer.v1.tar+zstd';
  parsed.layers[1] = { mediaType, digest: layer.digest, size: layer.bytes.length };
  return { ...image, manifest: blobOf(Buffer.from(JSON.stringify(parsed))), layers: [first, layer] };
}
