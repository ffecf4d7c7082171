import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectEngine, type Engine, engineAddress } from '../../../src/main/core/engine/connect-engine.ts';
import { missing } from '../../needs.ts';
import { busyboxIsThere } from '../../scenes/busybox-image.ts';
import { dockerIsThere } from '../../scenes/docker-is-there.ts';
import { ImageStage, imagePrefix, putImage, removeTraces, tracesOf } from '../../scenes/image-stage.ts';
import { checkMedia } from '../../scenes/packed-media.ts';
import { type SmallImage, smallImage } from '../../scenes/small-image.ts';

const lacks = missing('a running dockerd', dockerIsThere) || missing('a static busybox', busyboxIsThere);
const reference = `${imagePrefix}/from-engine:1`;
const MiB = 1024 * 1024;
const line = (name: string, more = '') => `{kind: image, engine: docker, reference: "${name}"${more}}`;
const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error) => error,
  );

describe.skipIf(lacks)('packing images from the local engine', () => {
  let engine: Engine;
  let stage: ImageStage;
  let made: SmallImage[] = [];

  beforeAll(async () => {
    engine = await connectEngine(engineAddress(undefined));
  });
  beforeEach(async () => {
    stage = await ImageStage.open();
  });
  afterEach(async () => {
    await removeTraces(engine, ...made);
    made = [];
    await stage.close();
  });

  const put = async (name: string, ...args: Parameters<typeof smallImage>) => {
    const image = await smallImage(...args);
    made.push(image);
    await putImage(engine, name, image);
    return image;
  };
  const pathsOf = (packed: Awaited<ReturnType<ImageStage['pack']>>) => packed.media.map((medium) => medium.path);

  it('writes what the engine streams straight to the media, and the same image runs on the other side', async () => {
    const layers = [
      { 'bin/busybox': readFileSync('/bin/busybox') },
      { data: randomBytes(3 * MiB) },
      { tiny: Buffer.from('x') },
    ];
    const image = await put(reference, layers, { Cmd: ['/bin/busybox', 'echo', 'hello from the engine'] });
    const packed = await stage.pack([line(reference)], ['a']);
    const { head, blobs } = await checkMedia(pathsOf(packed));
    expect(head.contents).toMatchObject([
      { kind: 'image', name: reference, isPublisherDigest: false, source: "local engine, not the publisher's digest" },
    ]);
    const written = [...blobs.values()].reduce((sum, bytes) => sum + bytes.length, 0);
    // A tar has a header and padding for each file; nothing else is read, and no archive lies anywhere.
    expect(packed.bytesRead).toBeLessThan(written + 40_000);
    expect(readdirSync(stage.folder).sort()).toEqual(['BUNDLE.yaml', 'a', 'home']);
    await removeTraces(engine, image);
    const done = await stage.import(['a']);
    expect(done.images).toMatchObject([{ reference, imageId: image.config.digest, path: 'registry' }]);
    const said = execFileSync('docker', ['run', '--rm', '--network', 'none', reference], { encoding: 'utf8' });
    expect(said).toBe('hello from the engine\n');
    expect(await tracesOf(engine, image)).toEqual([reference]);
  });

  it('splits a layer that no medium can hold alone, and still returns the same image', async () => {
    const image = await put(reference, [{ a: randomBytes(7 * MiB) }, { b: randomBytes(MiB) }]);
    const packed = await stage.pack([line(reference)], ['a', 'b', 'c'], { mediumBytes: 5 * MiB, partBytes: MiB });
    expect(packed.media.length).toBeGreaterThan(1);
    for (const medium of packed.media) expect(medium.bytes).toBeLessThan(5 * MiB);
    await checkMedia(pathsOf(packed));
    await removeTraces(engine, image);
    const done = await stage.import(pathsOf(packed).map((path) => basename(path)));
    expect(done.images).toMatchObject([{ imageId: image.config.digest }]);
  });

  it('reads and writes a layer that two images share once, and one that an archive brings too', async () => {
    const shared = { base: randomBytes(4 * MiB) };
    await put(reference, [shared, { a: Buffer.from('1') }]);
    await put(`${imagePrefix}/other:1`, [shared, { a: Buffer.from('2') }]);
    execFileSync('docker', ['tag', reference, `${imagePrefix}/archive:1`]);
    execFileSync('docker', ['save', '--output', stage.at('app.tar'), `${imagePrefix}/archive:1`]);
    const archive = `{kind: image, path: app.tar, reference: "${imagePrefix}/archive:1"}`;
    const lines = [line(reference), archive, line(`${imagePrefix}/other:1`)];
    const packed = await stage.pack(lines, ['a']);
    await checkMedia(pathsOf(packed));
    expect(packed.bytesRead).toBeLessThan(4.5 * MiB);
    expect(packed.media[0]?.bytes).toBeLessThan(4.5 * MiB);
  });

  it('accepts a layer that one image has twice', async () => {
    const twice = { a: randomBytes(MiB) };
    const image = await put(reference, [twice, { b: randomBytes(MiB) }, twice]);
    const packed = await stage.pack([line(reference)], ['a']);
    const { blobs } = await checkMedia(pathsOf(packed));
    const [content] = packed.contents;
    const manifest = JSON.parse(String(blobs.get(content?.digest ?? '')));
    expect(manifest.layers.map((layer: { digest: string }) => layer.digest)).toEqual(
      JSON.parse(image.config.bytes.toString()).rootfs.diff_ids,
    );
  });

  it.each([
    ['an image that the engine does not have', line(`${imagePrefix}/nothing:1`), 'pack.not-in-engine'],
    ['an image for another platform', line(reference, ', platform: linux/arm64'), 'pack.image-unclear'],
    ['more than the media hold', line(reference), 'space.short'],
  ])('refuses %s before anything is written', async (_what, content, code) => {
    await put(reference, [{ a: randomBytes(MiB) }]);
    const options = code === 'space.short' ? { mediumBytes: MiB } : {};
    expect(await errorOf(stage.pack([content], ['a'], options))).toMatchObject({ code });
    expect(readdirSync(stage.at('a'))).toEqual([]);
  });

  it('says so when no engine answers', async () => {
    process.env.DOCKER_HOST = `unix://${stage.at('nothing.sock')}`;
    try {
      expect(await errorOf(stage.pack([line(reference)], ['a']))).toMatchObject({ code: 'engine.absent' });
    } finally {
      delete process.env.DOCKER_HOST;
    }
  });
});
