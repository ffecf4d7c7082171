import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../../src/main/core/engine/connect-engine.ts';
import { translateEngineError } from '../../../src/main/core/engine/translate-error.ts';
import { collectEngine } from '../../../src/main/core/hardware/container-engine.ts';
import { findImage } from '../../../src/main/core/site/containers/find-image.ts';
import { missing } from '../../needs.ts';
import { busyboxImage } from '../../scenes/busybox-image.ts';
import { ImageStage, imagePrefix } from '../../scenes/image-stage.ts';
import { OwnPodman, podmanIsThere } from '../../scenes/own-podman.ts';
import { type SmallImage, smallImage } from '../../scenes/small-image.ts';

const MiB = 1024 * 1024;
const reference = `${imagePrefix}.example/app:1`;

describe.skipIf(missing('podman, as root,', podmanIsThere))(
  'importing images into Podman',
  { timeout: 120_000 },
  () => {
    let podman: OwnPodman;
    let engine: Engine;
    let stage: ImageStage;
    const start = async (options: Partial<Parameters<typeof OwnPodman.start>[0]> = {}) => {
      podman = await OwnPodman.start({ sizeMiB: 500, ...options });
      engine = await podman.connect();
      stage = await ImageStage.open();
    };
    afterEach(async () => {
      await stage?.close();
      await podman?.stop();
    }, 60_000);

    const bring = () => stage.import(['a'], { engine: engine.address });
    const tags = async () =>
      (await engine.docker.listImages({ all: true })).flatMap((one) => one.RepoTags ?? []).sort();
    const blobBytes = (image: SmallImage) =>
      [image.config, ...image.layers].reduce((sum, blob) => sum + blob.bytes.length, 0);

    it('sends each image once, also one whose lowest layers are there, and none again', async () => {
      await start();
      const shared = { a: randomBytes(5 * MiB) };
      const app = await smallImage([shared, { b: randomBytes(5 * MiB) }, { c: randomBytes(5 * MiB) }]);
      const other = await smallImage([shared, { d: randomBytes(5 * MiB) }, { e: randomBytes(MiB) }]);
      const second = `${imagePrefix}.example/other:1`;
      await stage.pack([await stage.layout('one', reference, app), await stage.layout('two', second, other)], ['a']);
      expect(await bring()).toMatchObject({
        images: [
          { reference, imageId: app.config.digest, path: 'load' },
          { reference: second, imageId: other.config.digest, path: 'load' },
        ],
        imageBytesSent: blobBytes(app) + blobBytes(other),
      });
      expect(await tags()).toEqual([reference, second].sort());
      expect(await bring()).toMatchObject({ images: [{ path: 'present' }, { path: 'present' }], imageBytesSent: 0 });
    });

    it('finds an imported image by its name with a digest, by each of its names, and by its digest alone', async () => {
      await start();
      const app = await smallImage([{ a: randomBytes(MiB) }]);
      const short = `${imagePrefix}/short:2`;
      await stage.pack([await stage.layout('one', reference, app), await stage.layout('two', short, app)], ['a']);
      await bring();
      const { digest } = app.manifest;
      for (const asked of [reference, short, `${reference}@${digest}`, `${short}@${digest}`])
        expect(await findImage(engine, stage.store, asked)).toMatchObject({ imageId: app.config.digest });
      const nameOnly = `${reference.slice(0, -2)}@${digest}`;
      expect(await findImage(engine, stage.store, nameOnly)).toMatchObject({ imageId: app.config.digest });
      const otherDigest = `${reference}@sha256:${'0'.repeat(64)}`;
      await expect(findImage(engine, stage.store, otherDigest)).rejects.toMatchObject({ code: 'engine.image-missing' });
    });

    it('names missing subordinate IDs of a rootless Podman as the cause', async () => {
      await start({ rootless: { hasSubordinateIds: false } });
      const app = await smallImage([{ a: Buffer.from('a') }], {}, undefined, 1000);
      await stage.pack([await stage.layout('one', reference, app)], ['a']);
      const checked = await collectEngine(10_000, { DOCKER_HOST: engine.address });
      expect(checked.facts).toMatchObject({ product: 'podman', isRootless: true, lacks: ['subordinate-ids'] });
      await expect(bring()).rejects.toMatchObject({ code: 'engine.no-subuid' });
      expect(await tags()).toEqual([]);
    });

    it('pulls from the loopback registry where Podman is set up to speak to it without TLS', async () => {
      await start({ registries: '[[registry]]\nlocation = "127.0.0.1"\ninsecure = true\n' });
      const app = await smallImage([{ a: randomBytes(MiB) }, { b: randomBytes(MiB) }]);
      await stage.pack([await stage.layout('one', reference, app)], ['a']);
      expect(await bring()).toMatchObject({ images: [{ imageId: app.config.digest, path: 'registry' }] });
      expect(await tags()).toEqual([reference]);
      expect(await bring()).toMatchObject({ images: [{ path: 'present' }], imageBytesSent: 0 });
    });

    it('names the program that a rootless Podman lacks for its networks', async () => {
      const conf = '[engine]\nnetwork_cmd_path = "/nowhere/slirp4netns"\n';
      await start({ rootless: { hasSubordinateIds: true }, conf });
      await busyboxImage(engine, reference, 'sleep 60');
      const { id } = await engine.docker.createNetwork({ Name: 'own', Driver: 'bridge' });
      const HostConfig = { NetworkMode: id };
      const made = await engine.docker.createContainer({ name: 'own', Image: reference, HostConfig });
      const thrown = await made.start().catch((error: unknown) => error);
      expect(translateEngineError(thrown, { address: engine.address, doing: 'start' })).toMatchObject({
        code: 'engine.lacks-program',
        wire: { details: { program: 'slirp4netns' } },
      });
    });
  },
);
