import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../../src/main/core/engine/connect-engine.ts';
import { storeKindOf } from '../../../src/main/core/engine/image-identity.ts';
import { readAnswer } from '../../../src/main/core/engine/read-answer.ts';
import { freeSpace } from '../../../src/main/core/files/free-space.ts';
import { writeImageArchive } from '../../../src/main/core/import/images/image-archive.ts';
import { quietWork, type Work } from '../../../src/main/core/work.ts';
import { hexOf } from '../../../src/shared/digest.ts';
import { missing } from '../../needs.ts';
import { runSealift } from '../../run-sealift.ts';
import { ImageStage, imagePrefix } from '../../scenes/image-stage.ts';
import { newerDocker, newerDockerIsThere } from '../../scenes/newer-docker.ts';
import { dockerdIsThere, OwnDockerd } from '../../scenes/own-dockerd.ts';
import { contentOf, type SmallImage, smallImage } from '../../scenes/small-image.ts';

const lacks =
  missing('dockerd, as root,', dockerdIsThere) ||
  missing('a newer Docker (SEALIFT_TEST_NEWER_DOCKER=$(.ci/newer-docker))', newerDockerIsThere, {
    mayBeRefused: true,
  });
const reference = `${imagePrefix}.example/app:1`;
const MiB = 1024 * 1024;

describe.skipIf(lacks)('a newer Docker with the containerd image store', { timeout: 120_000 }, () => {
  let dockerd: OwnDockerd;
  let engine: Engine;
  let stage: ImageStage;

  const start = async (options: { isApart?: boolean } = {}) => {
    const args = ['--feature', 'containerd-snapshotter=true'];
    dockerd = await OwnDockerd.start({ sizeMiB: 1500, args, system: newerDocker, ...options });
    engine = await dockerd.connect();
    stage = await ImageStage.open();
    expect(storeKindOf(engine.info)).toBe('containerd');
  };
  afterEach(async () => {
    await stage.close();
    await dockerd.stop();
  });

  /** All names and IDs that the engine shows. */
  const shown = async () =>
    (await engine.docker.listImages({ all: true }))
      .flatMap((one) => [one.Id, ...(one.RepoTags ?? [])])
      .filter((name) => !name.startsWith('<none>'))
      .sort();
  const asShown = (...images: [SmallImage, string][]) =>
    images.flatMap(([image, name]) => [image.manifest.digest, name]).sort();
  /** Loads an image without any of what brings a bundle's images. */
  const load = async (image: SmallImage) => {
    const out = new PassThrough();
    const { signal } = new AbortController();
    const archive = { manifestDigest: image.manifest.digest, reference, fromLayer: 0, store: 'containerd' as const };
    const [answer] = await Promise.all([
      engine.docker.loadImage(out, { quiet: true }),
      writeImageArchive(out, contentOf(image), archive, signal),
    ]);
    await readAnswer(answer, signal);
  };
  const bring = (work: Work = quietWork()) => stage.import(['a'], { engine: engine.address, work });
  const pack = async (image: SmallImage) => stage.pack([await stage.layout('layout', reference, image)], ['a']);
  /** Stops an import after so many bytes for the engine. */
  const stopAfter = (bytes: number): Work => {
    const abort = new AbortController();
    let current = '';
    return {
      ...quietWork(abort.signal),
      step: (id) => {
        current = id;
      },
      progress: ({ done }) => {
        if (current === 'copy' && done >= bytes) abort.abort(new Error('enough'));
      },
    };
  };

  it('knows a pulled image by the digest of its manifest, once, and saves it whole', async () => {
    await start();
    const app = await smallImage([{ a: randomBytes(3 * MiB) }, { b: randomBytes(MiB) }]);
    await pack(app);
    expect(await bring()).toMatchObject({ images: [{ imageId: app.manifest.digest, path: 'registry' }] });
    expect(await shown()).toEqual(asShown([app, reference]));
    expect(await bring()).toMatchObject({ images: [{ path: 'present' }], imageBytesSent: 0 });
    await engine.docker.getImage(reference).remove();
    expect(await shown()).toEqual([]);
  });

  it('knows a loaded image by the same digest', async () => {
    await start({ isApart: true });
    const shared = { a: randomBytes(3 * MiB) };
    const app = await smallImage([shared, { b: randomBytes(MiB) }]);
    const other = await smallImage([shared, { c: randomBytes(MiB) }]);
    const short = `${imagePrefix}/short:1`;
    await stage.pack([await stage.layout('one', reference, app), await stage.layout('two', short, other)], ['a']);
    expect((await bring()).images).toMatchObject([
      { imageId: app.manifest.digest, path: 'load' },
      { imageId: other.manifest.digest, path: 'load' },
    ]);
    expect(await shown()).toEqual(asShown([app, reference], [other, short]));
    expect(await bring()).toMatchObject({ imageBytesSent: 0, images: [{ path: 'present' }, { path: 'present' }] });
    for (const name of [reference, short]) await engine.docker.getImage(name).remove();
    expect(await shown()).toEqual([]);
  });

  it.each([false, true])(
    'shows nothing of an import that was stopped, and sends no layer more than once again (apart: %s)',
    async (isApart) => {
      await start({ isApart });
      const app = await smallImage([{ a: randomBytes(20 * MiB) }, { b: randomBytes(60 * MiB) }]);
      await pack(app);
      await expect(bring(stopAfter(50 * MiB))).rejects.toThrow('enough');
      expect(await shown()).toEqual([]);
      const done = await bring();
      // This store may keep a whole layer of a pull that was stopped, or none.
      const layersBytes = app.layers.reduce((sum, layer) => sum + layer.bytes.length, 0);
      expect(done.imageBytesSent).toBeLessThanOrEqual(layersBytes + app.config.bytes.length);
      expect(await shown()).toEqual(asShown([app, reference]));
    },
  );

  it('shows nothing of an image whose layer is cut', async () => {
    await start();
    const app = await smallImage([{ a: randomBytes(5 * MiB) }, { b: randomBytes(20 * MiB) }]);
    await pack(app);
    const path = stage.at('a', 'sealift/layout/blobs/sha256', hexOf(app.layers[1]?.digest ?? ''));
    const whole = readFileSync(path);
    truncateSync(path, whole.length - 1);
    await expect(bring()).rejects.toMatchObject({ code: 'bundle.truncated' });
    expect(await shown()).toEqual([]);
    writeFileSync(path, whole);
    expect(await bring()).toMatchObject({ images: [{ imageId: app.manifest.digest }] });
  });

  it.each([
    ['by pulling it, though nothing is sent again', {}, 'registry'],
    ['by loading it', { isApart: true }, 'load'],
  ])('unpacks what an interrupted load left packed, %s', async (_how, options, path) => {
    await start(options);
    const app = await smallImage([{ a: randomBytes(60 * MiB) }]);
    await pack(app);
    // Its layer fits as it is, and not unpacked as well.
    const filler = join(dockerd.dataRoot, 'filler');
    const { freeBytes } = await freeSpace(dockerd.dataRoot);
    writeFileSync(filler, Buffer.alloc(freeBytes - 90 * MiB));
    await expect(load(app)).rejects.toThrow(/^Error unpacking image .* no space left on device$/);
    expect(await shown()).toEqual(asShown([app, reference]));
    rmSync(filler);
    const done = await bring();
    expect(done.images).toMatchObject([{ path }]);
    if (path === 'registry') expect(done.imageBytesSent).toBe(0);
    expect(await bring()).toMatchObject({ images: [{ path: 'present' }] });
  });

  it("runs a whole rehearsal: saves, loads, runs and removes the gateway's image", async () => {
    await start();
    process.env.DOCKER_HOST = engine.address;
    try {
      const { exitCode, json, stderr } = await runSealift('--home', stage.at('home'), '--json', 'rehearse');
      expect(exitCode, stderr).toBe(0);
      expect(json.data).toMatchObject({
        docker: { isUsed: true, version: engine.version, image: { path: 'registry' } },
      });
    } finally {
      delete process.env.DOCKER_HOST;
    }
    expect(await shown()).toEqual([]);
    expect(await engine.docker.listContainers({ all: true })).toEqual([]);
  });
});
