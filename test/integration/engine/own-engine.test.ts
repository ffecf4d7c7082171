import { randomBytes } from 'node:crypto';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../../src/main/core/engine/connect-engine.ts';
import type { Work } from '../../../src/main/core/work.ts';
import { quietWork } from '../../../src/main/core/work.ts';
import { hexOf } from '../../../src/shared/digest.ts';
import { missing } from '../../needs.ts';
import { ImageStage, imagePrefix, putImage, tracesOf } from '../../scenes/image-stage.ts';
import { dockerdIsThere, OwnDockerd } from '../../scenes/own-dockerd.ts';
import { smallImage } from '../../scenes/small-image.ts';

const lacks = missing('dockerd, as root,', dockerdIsThere);
const reference = `${imagePrefix}/own:1`;
const MiB = 1024 * 1024;
const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error) => error,
  );

describe.skipIf(lacks)('an engine with troubles', () => {
  let dockerd: OwnDockerd | undefined;
  let stage: ImageStage;

  afterEach(async () => {
    await dockerd?.stop();
    dockerd = undefined;
    await stage.close();
  });

  const start = async (options: Parameters<typeof OwnDockerd.start>[0]): Promise<Engine> => {
    dockerd = await OwnDockerd.start(options);
    stage = await ImageStage.open();
    return dockerd.connect();
  };
  /** Calls back at the first byte of an image that the engine is sent, or that it sends. */
  const atFirstBytes = (step: string, act: () => Promise<unknown>, fromBytes = MiB): Work => {
    const work = quietWork();
    let current = '';
    let hasActed = false;
    return {
      ...work,
      step: (id) => {
        current = id;
      },
      progress: ({ done }) => {
        if (current !== step || done < fromBytes || hasActed) return;
        hasActed = true;
        act().catch(() => undefined);
      },
    };
  };

  it('in another network is given archives, and knows the image by the same ID', async () => {
    const engine = await start({ sizeMiB: 200, isApart: true });
    const shared = { a: randomBytes(3 * MiB) };
    const app = await smallImage([shared, { b: randomBytes(MiB) }]);
    const other = await smallImage([shared, { c: randomBytes(MiB) }]);
    const lines = [await stage.layout('one', reference, app), await stage.layout('two', `${imagePrefix}/two:1`, other)];
    await stage.pack(lines, ['a']);
    const done = await stage.import(['a'], { engine: engine.address });
    expect(done.images).toMatchObject([
      { reference, imageId: app.config.digest, path: 'load' },
      { imageId: other.config.digest, path: 'load' },
    ]);
    expect(done.imageBytesSent).toBeLessThan(5 * MiB + 10_000);
    expect(await tracesOf(engine, app, other)).toEqual([reference, `${imagePrefix}/two:1`]);
    const again = await stage.import(['a'], { engine: engine.address });
    expect(again).toMatchObject({ imageBytesSent: 0, images: [{ path: 'present' }, { path: 'present' }] });
  });

  it('in another network resumes at the last loaded layer, and keeps nothing of a damaged image', async () => {
    const engine = await start({ sizeMiB: 1000, isApart: true });
    const app = await smallImage([{ a: randomBytes(5 * MiB) }, { b: randomBytes(160 * MiB) }]);
    await stage.pack([await stage.layout('layout', reference, app)], ['a']);
    const path = stage.at('a', 'sealift/layout/blobs/sha256', hexOf(app.layers[1]?.digest ?? ''));
    const whole = readFileSync(path);
    truncateSync(path, whole.length - 1);
    expect(await errorOf(stage.import(['a'], { engine: engine.address }))).toMatchObject({ code: 'bundle.truncated' });
    expect(await tracesOf(engine, app)).toEqual([]);
    writeFileSync(path, whole);
    const abort = new AbortController();
    const work = {
      ...atFirstBytes('copy', async () => abort.abort(new Error('enough')), 6 * MiB),
      signal: abort.signal,
    };
    expect(await errorOf(stage.import(['a'], { engine: engine.address, work }))).toMatchObject({ message: 'enough' });
    expect(await tracesOf(engine, app)).toEqual([expect.stringContaining('checkpoint')]);
    const done = await stage.import(['a'], { engine: engine.address });
    expect(done.imageBytesSent).toBeLessThan(161 * MiB);
    expect(await tracesOf(engine, app)).toEqual([reference]);
  });

  it('whose filesystem is too small is detected before anything is sent', async () => {
    const engine = await start({ sizeMiB: 40 });
    const app = await smallImage([{ a: randomBytes(20 * MiB) }]);
    await stage.pack([await stage.layout('layout', reference, app)], ['a']);
    const error = await errorOf(stage.import(['a'], { engine: engine.address }));
    expect(error).toMatchObject({ code: 'space.short', wire: { details: { path: engine.dataRoot } } });
  });

  it('that dies during a pull is reported as gone', async () => {
    const engine = await start({ sizeMiB: 400 });
    const app = await smallImage([{ a: randomBytes(60 * MiB) }]);
    await stage.pack([await stage.layout('layout', reference, app)], ['a']);
    const work = atFirstBytes('copy', async () => dockerd?.kill());
    expect(await errorOf(stage.import(['a'], { engine: engine.address, work }))).toMatchObject({ code: 'engine.gone' });
  });

  it('that dies during a save is reported as gone, and the medium stays marked as unfinished', async () => {
    const engine = await start({ sizeMiB: 400 });
    await putImage(engine, reference, await smallImage([{ a: randomBytes(60 * MiB) }]));
    const line = `{kind: image, engine: docker, reference: "${reference}"}`;
    process.env.DOCKER_HOST = engine.address;
    try {
      const work = atFirstBytes('write', async () => dockerd?.kill());
      expect(await errorOf(stage.pack([line], ['a'], { work }))).toMatchObject({ code: 'engine.gone' });
      expect(await errorOf(stage.import(['a']))).toMatchObject({ code: 'bundle.unfinished' });
    } finally {
      delete process.env.DOCKER_HOST;
    }
  });
});
