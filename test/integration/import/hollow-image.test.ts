import { randomBytes } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../../src/main/core/engine/connect-engine.ts';
import { startLoopbackRegistry } from '../../../src/main/core/import/images/loopback-registry.ts';
import { pullImage } from '../../../src/main/core/import/images/pull-image.ts';
import { quietWork } from '../../../src/main/core/work.ts';
import { missing } from '../../needs.ts';
import { ImageStage, imagePrefix } from '../../scenes/image-stage.ts';
import { newerDocker, newerDockerIsThere } from '../../scenes/newer-docker.ts';
import { dockerdIsThere, OwnDockerd } from '../../scenes/own-dockerd.ts';
import { blobOf, contentOf, type SmallImage, smallImage } from '../../scenes/small-image.ts';

const lacks =
  missing('dockerd, as root,', dockerdIsThere) ||
  missing('a newer Docker (SEALIFT_TEST_NEWER_DOCKER=$(.ci/newer-docker))', newerDockerIsThere, {
    mayBeRefused: true,
  });
const MiB = 1024 * 1024;
const raw = `${imagePrefix}.example/raw:1`;
const compressed = `${imagePrefix}.example/gzip:1`;

describe.skipIf(lacks)('an image of the containerd store whose content is not there', { timeout: 120_000 }, () => {
  let dockerd: OwnDockerd;
  let engine: Engine;
  let stage: ImageStage;
  afterEach(async () => {
    await stage?.close();
    await dockerd?.stop();
  });

  const architecture = async (name: string) => (await engine.docker.getImage(name).inspect()).Architecture;
  const start = async () => {
    const args = ['--feature', 'containerd-snapshotter=true'];
    dockerd = await OwnDockerd.start({ sizeMiB: 1500, args, system: newerDocker });
    engine = await dockerd.connect();
    stage = await ImageStage.open();
    const gzip = await smallImage([{ a: randomBytes(3 * MiB) }], { Labels: { own: 'gzip' } });
    for (const [name, image] of [[raw, uncompressed(gzip)] as const, [compressed, gzip] as const])
      await stage.pack([await stage.layout(`layout-${at(name)}`, name, image)], [at(name)]);
    return gzip;
  };
  const at = (name: string) => (name === raw ? 'raw' : 'gzip');
  const bring = (name: string) => stage.import([at(name)], { engine: engine.address });

  it('is loaded when an import pulled it so, and is whole for the next import', async () => {
    await start();
    expect((await bring(raw)).images).toMatchObject([{ path: 'registry' }]);
    expect((await bring(compressed)).images).toMatchObject([{ path: 'load' }]);
    expect(await architecture(compressed)).toBe('amd64');
    expect(await bring(compressed)).toMatchObject({ images: [{ path: 'present' }], imageBytesSent: 0 });
    const made = await engine.docker.createContainer({ Image: compressed, Cmd: ['/a'] });
    await made.remove();
  });

  it('is loaded when an earlier import left it so', async () => {
    const image = await start();
    await bring(raw);
    const registry = await startLoopbackRegistry(contentOf(image), { onBytes: () => undefined, newRef: () => '' });
    const [manifestDigest, configDigest] = [image.manifest.digest, image.config.digest];
    await pullImage(engine, registry, { reference: compressed, manifestDigest, configDigest }, quietWork());
    await registry.close();
    expect(await architecture(compressed)).toBe('');
    expect((await bring(compressed)).images).toMatchObject([{ path: 'load' }]);
    expect(await architecture(compressed)).toBe('amd64');
  });
});

/** The same layers without compression, in an image of another configuration. */
function uncompressed(image: SmallImage): SmallImage {
  const layers = image.layers.map((one) => blobOf(gunzipSync(one.bytes)));
  const config = blobOf(Buffer.from(JSON.stringify({ ...JSON.parse(String(image.config.bytes)), config: {} })));
  const parsed = JSON.parse(String(image.manifest.bytes));
  Object.assign(parsed.config, { digest: config.digest, size: config.bytes.length });
  parsed.layers = layers.map(({ digest, bytes }) => ({
    mediaType: 'application/vnd.oci.image.layer.v1.tar',
    digest,
    size: bytes.length,
  }));
  return { manifest: blobOf(Buffer.from(JSON.stringify(parsed))), config, layers };
}
