import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectEngine, type Engine, engineAddress } from '../../../src/main/core/engine/connect-engine.ts';
import { previewImport } from '../../../src/main/core/import/preview-import.ts';
import { readImports } from '../../../src/main/core/store/read-imports.ts';
import { storePaths } from '../../../src/main/core/store/store-paths.ts';
import { importPlan } from '../../../src/shared/contract/import-plan.ts';
import { hexOf } from '../../../src/shared/digest.ts';
import { missing } from '../../needs.ts';
import { startSealift } from '../../run-sealift.ts';
import { busyboxIsThere } from '../../scenes/busybox-image.ts';
import { dockerIsThere } from '../../scenes/docker-is-there.ts';
import { ImageStage, imagePrefix, putImage, removeTraces, tracesOf } from '../../scenes/image-stage.ts';
import { blobOf, type SmallImage, smallImage } from '../../scenes/small-image.ts';
import { writeMedia } from '../../scenes/write-media.ts';

const lacks = missing('a running dockerd', dockerIsThere) || missing('a static busybox', busyboxIsThere);
const reference = `${imagePrefix}/app:1`;
const MiB = 1024 * 1024;
const sizeOf = (image: SmallImage) => [image.config, ...image.layers].reduce((sum, blob) => sum + blob.bytes.length, 0);
const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error) => error,
  );

describe.skipIf(lacks)('importing images', () => {
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

  const image = async (...args: Parameters<typeof smallImage>) => {
    const one = await smallImage(...args);
    made.push(one);
    return one;
  };
  const traces = () => tracesOf(engine, ...made);
  const blobFiles = () => {
    const folder = join(stage.store, 'blobs/sha256');
    return existsSync(folder) ? readdirSync(folder).sort() : [];
  };
  const hello = () =>
    image([{ 'bin/busybox': readFileSync('/bin/busybox') }, { data: randomBytes(3_000_000) }], {
      Cmd: ['/bin/busybox', 'echo', 'hello from the enclave'],
    });
  const saysHello = () =>
    expect(execFileSync('docker', ['run', '--rm', '--network', 'none', reference], { encoding: 'utf8' })).toBe(
      'hello from the enclave\n',
    );
  const spread = { partBytes: MiB, mediumBytes: 3_000_000 };

  it('imports an image from two read-only media; nothing of it enters the store', async () => {
    const app = await hello();
    const packed = await stage.pack([await stage.layout('layout', reference, app)], ['a', 'b'], spread);
    expect(packed.media).toHaveLength(2);
    for (const medium of ['a', 'b']) {
      mkdirSync(stage.at(`${medium}-ro`));
      execFileSync('mount', ['--bind', stage.at(medium), stage.at(`${medium}-ro`)]);
      execFileSync('mount', ['-o', 'remount,bind,ro', stage.at(`${medium}-ro`)]);
    }
    try {
      const done = await stage.import(['a-ro', 'b-ro']);
      const row = { reference, imageId: app.config.digest, digest: app.manifest.digest, path: 'registry' };
      expect(done).toMatchObject({ images: [row], findings: [], imageBytesSent: sizeOf(app) });
      // Only the two small checks before it read the manifest and the configuration too.
      expect(done.bytesRead).toBeGreaterThanOrEqual(sizeOf(app));
      expect(done.bytesRead).toBeLessThan(sizeOf(app) + 20_000);
      expect(done.bytesWritten).toBe(app.manifest.bytes.length);
      expect(blobFiles()).toEqual([hexOf(app.manifest.digest)]);
      expect(await traces()).toEqual([reference]);
      saysHello();
      expect((await readImports(stage.store))[0]).toMatchObject({ images: [row], leftOut: [] });
    } finally {
      for (const medium of ['a', 'b']) execFileSync('umount', [stage.at(`${medium}-ro`)]);
    }
  });

  it('loads an image whose manifest names addresses, which an engine might ask for it', async () => {
    const app = await hello();
    const manifest = JSON.parse(app.manifest.bytes.toString());
    manifest.layers[1].urls = ['http://127.0.0.1:9/layer'];
    const named = { ...app, manifest: blobOf(Buffer.from(JSON.stringify(manifest))) };
    made.push(named);
    await stage.pack([await stage.layout('layout', reference, named)], ['a']);
    const done = await stage.import(['a']);
    expect(done.images).toMatchObject([{ reference, digest: named.manifest.digest, path: 'load' }]);
    expect(await traces()).toEqual([reference]);
    saysHello();
  });

  it('is planned exactly as it happens: what the engine lacks before, what it has after', async () => {
    const app = await hello();
    await stage.pack([await stage.layout('layout', reference, app)], ['a', 'b'], spread);
    const plan = () =>
      previewImport(
        { dirs: [stage.at('a'), stage.at('b')], store: stage.store, trustFile: join(stage.home, 'trust.json') },
        new AbortController().signal,
      );
    const totalBytes = sizeOf(app) + app.manifest.bytes.length;
    const before = await plan();
    expect(before).toMatchObject({
      contents: [{ kind: 'image', name: reference, totalBytes, hereBytes: 0, ordinals: [1, 2] }],
      readBytes: sizeOf(app) + app.manifest.bytes.length,
      isComplete: false,
      findings: [],
    });
    expect(before.contents[0]?.target).toContain('docker.sock');
    expect(before.filesystems.flatMap((one) => one.uses).sort()).toEqual(['engine', 'store']);
    expect(importPlan.parse(JSON.parse(JSON.stringify(before)))).toEqual(before);
    expect(await traces()).toEqual([]);
    await stage.import(['a', 'b']);
    expect(await plan()).toMatchObject({ contents: [{ hereBytes: totalBytes }], readBytes: 0, isComplete: true });
  });

  it('sends nothing the second time, keeps the record, and brings the image again when the engine lost it', async () => {
    const app = await hello();
    await stage.pack([await stage.layout('layout', reference, app)], ['a', 'b'], spread);
    await stage.import(['a', 'b']);
    const [record] = await readImports(stage.store);
    const again = await stage.import(['a', 'b']);
    expect(again).toMatchObject({ images: [{ path: 'present' }], imageBytesSent: 0, bytesWritten: 0 });
    expect(await readImports(stage.store)).toEqual([record]);
    // A record that is written again, here since the key is trusted now, still knows that the import brought the image.
    const path = storePaths(stage.store).record(record?.bundle.id ?? '');
    const signature = { ...record?.signature, trust: 'overridden', overrideReason: 'no phone' };
    writeFileSync(path, JSON.stringify({ ...record, signature }));
    await stage.import(['a', 'b']);
    const { signature: now, images } = (await readImports(stage.store))[0] ?? {};
    expect({ signature: now, images }).toEqual({ signature: record?.signature, images: record?.images });
    // Only the last medium says which image it is.
    expect(await stage.import(['b'])).toMatchObject({ images: [{ path: 'present' }], imageBytesSent: 0 });
    await engine.docker.getImage(reference).remove({ force: true });
    expect(await stage.import(['a', 'b'])).toMatchObject({ images: [{ path: 'registry' }] });
    saysHello();
  });

  it('sends a layer that two images share once', async () => {
    const shared = { base: randomBytes(5_000_000) };
    const one = await image([shared, { a: Buffer.from('1') }]);
    const two = await image([shared, { a: Buffer.from('2') }]);
    const lines = [
      await stage.layout('one', `${imagePrefix}/one:1`, one),
      await stage.layout('two', `${imagePrefix}/two:1`, two),
    ];
    await stage.pack(lines, ['a']);
    const done = await stage.import(['a']);
    expect(done.images).toMatchObject([{ path: 'registry' }, { path: 'registry' }]);
    expect(done.imageBytesSent).toBeLessThan(5_100_000);
    expect(await traces()).toEqual([`${imagePrefix}/one:1`, `${imagePrefix}/two:1`]);
  });

  it('takes an image from a docker-archive', async () => {
    const app = await image([{ a: randomBytes(2_000_000) }]);
    await putImage(engine, reference, app);
    execFileSync('docker', ['save', '--output', stage.at('app.tar'), reference]);
    await engine.docker.getImage(reference).remove({ force: true });
    await stage.pack([`{kind: image, path: app.tar, reference: "${reference}"}`], ['a']);
    expect(await stage.import(['a'])).toMatchObject({ images: [{ imageId: app.config.digest, path: 'registry' }] });
    expect(await traces()).toEqual([reference]);
  });

  it('stages only what it must when the media come one after another, and removes it afterwards', async () => {
    const app = await image([{ a: randomBytes(2_500_000) }, { b: randomBytes(1_000_000) }]);
    const alone = await image([{ c: randomBytes(200_000) }]);
    const lines = [
      await stage.layout('app', reference, app),
      await stage.layout('alone', `${imagePrefix}/alone:1`, alone),
    ];
    const note = '{kind: files, name: notes, paths: [BUNDLE.yaml]}';
    await stage.pack([...lines, note], ['a', 'b'], { partBytes: MiB, mediumBytes: 2_600_000 });
    expect(await stage.import(['a'])).toMatchObject({
      isComplete: false,
      missing: [{ label: expect.stringContaining('last medium') }],
    });
    expect(blobFiles().some((name) => name.endsWith('.part'))).toBe(true);
    const second = await stage.import(['b']);
    expect(second.images.map((row) => row.reference).sort()).toEqual([`${imagePrefix}/alone:1`, reference].sort());
    const imageBlobs = [app, alone].flatMap((one) => [one.config, ...one.layers]).map((blob) => hexOf(blob.digest));
    expect(blobFiles().filter((name) => imageBlobs.includes(name.slice(0, 64)))).toEqual([]);
    expect(readdirSync(join(stage.store, 'ledgers'))).toEqual([]);
    expect(await traces()).toEqual([`${imagePrefix}/alone:1`, reference].sort());
  });

  it('refuses a damaged block by medium, file and block; nothing of the image is in the engine', async () => {
    const app = await image([{ a: randomBytes(6 * MiB) }, { b: randomBytes(40 * MiB) }]);
    await stage.pack([await stage.layout('layout', reference, app)], ['a']);
    const layer = hexOf(app.layers[1]?.digest ?? '');
    const path = `sealift/layout/blobs/sha256/${layer}`;
    flip(stage.at('a', path), 17 * MiB);
    const error = await errorOf(stage.import(['a']));
    expect(error).toMatchObject({
      code: 'bundle.damaged',
      wire: { details: { medium: 'test-1', path, block: 1, offsetBytes: 16 * MiB } },
    });
    expect(await traces()).toEqual([]);
    flip(stage.at('a', path), 17 * MiB);
    expect(await stage.import(['a'])).toMatchObject({ images: [{ imageId: app.config.digest }] });
  });

  it.each([
    ['that is none', 'no JSON'],
    ['with other layers', '{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":[]}}'],
  ])(
    'refuses a configuration %s, which no packer of ours signs, before anything is sent or written',
    async (_what, config) => {
      const files = { layer: randomBytes(1000) };
      const content = { kind: 'image' as const, name: reference, files, config };
      writeMedia(stage.at('forged'), { contents: [content], signer: stage.signer });
      expect(await errorOf(stage.import(['forged/medium-1']))).toMatchObject({ code: 'bundle.content-mismatch' });
      expect(blobFiles()).toEqual([]);
      expect(await traces()).toEqual([]);
    },
  );

  it.each([
    ['a name that another image has', 'engine.tag-taken'],
    ['another platform', 'engine.wrong-platform'],
  ])('refuses %s before anything is sent or written', async (_what, code) => {
    const platform = code === 'engine.wrong-platform' ? 'arm64' : 'amd64';
    const app = await image([{ a: randomBytes(1000) }], {}, { os: 'linux', architecture: platform });
    const other = await image([{ a: randomBytes(1000) }]);
    if (code === 'engine.tag-taken') await putImage(engine, reference, other);
    const line = (await stage.layout('layout', reference, app)).replace('}', `, platform: linux/${platform}}`);
    await stage.pack([line], ['a']);
    expect(await errorOf(stage.import(['a']))).toMatchObject({ code });
    expect(blobFiles()).toEqual([]);
    expect(await traces()).toEqual(code === 'engine.tag-taken' ? [reference] : []);
  });

  it('demands the engine that was asked for, and leaves images out when none was', async () => {
    const app = await image([{ a: randomBytes(1000) }]);
    await stage.pack([await stage.layout('layout', reference, app)], ['a']);
    const absent = `unix://${stage.at('nothing.sock')}`;
    expect(await errorOf(stage.import(['a'], { engine: absent }))).toMatchObject({ code: 'engine.absent' });
    process.env.DOCKER_HOST = absent;
    try {
      const done = await stage.import(['a']);
      expect(done).toMatchObject({ images: [], findings: [{ id: 'import.image-left-out', severity: 'amber' }] });
      expect(done.findings[0]?.title).toContain('No container engine answers');
      expect((await readImports(stage.store))[0]?.leftOut).toMatchObject([{ name: reference }]);
    } finally {
      delete process.env.DOCKER_HOST;
    }
    // What was left out comes by importing again.
    expect(await stage.import(['a'])).toMatchObject({ images: [{ path: 'registry' }], findings: [] });
    expect((await readImports(stage.store))[0]).toMatchObject({ images: [{ reference }], leftOut: [] });
  });

  it.each(['SIGINT', 'SIGKILL'] as const)('resumes at the last committed layer after %s', async (signal) => {
    const app = await image([{ a: randomBytes(5 * MiB) }, { b: randomBytes(5 * MiB) }, { c: randomBytes(60 * MiB) }]);
    await stage.pack([await stage.layout('layout', reference, app)], ['a']);
    const args = ['--home', stage.home, '--json', 'import', stage.at('a')];
    const { child, ended } = startSealift(args);
    // Two checkpoints: each of the small layers is committed.
    while ((await traces()).length < 2 && child.exitCode === null) await sleep(20);
    child.kill(signal);
    const { exitCode } = await ended;
    expect(exitCode).toBe(signal === 'SIGINT' ? 130 : null);
    expect((await traces()).every((name) => name.startsWith('checkpoint'))).toBe(true);
    const again = await startSealift(args).ended;
    const data = again.json.data as { images: unknown; imageBytesSent: number };
    expect(data.images).toMatchObject([{ reference, imageId: app.config.digest, path: 'registry' }]);
    const committed = (app.layers[0]?.bytes.length ?? 0) + (app.layers[1]?.bytes.length ?? 0);
    expect(data.imageBytesSent).toBe(sizeOf(app) - committed);
    expect(await traces()).toEqual([reference]);
  });
});

function flip(path: string, offset: number): void {
  const file = openSync(path, 'r+');
  const byte = Buffer.alloc(1);
  readSync(file, byte, 0, 1, offset);
  writeSync(file, Buffer.from([(byte[0] ?? 0) ^ 1]), 0, 1, offset);
  closeSync(file);
}
