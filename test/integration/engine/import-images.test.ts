import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectEngine, type Engine, engineAddress } from '../../../src/main/core/engine/connect-engine.ts';
import { readImports } from '../../../src/main/core/import/import-record.ts';
import { busyboxIsThere } from '../../fakes/busybox-image.ts';
import { dockerIsThere } from '../../fakes/docker-is-there.ts';
import { ImageStage, imagePrefix, removeTraces, tracesOf } from '../../fakes/image-stage.ts';
import { type SmallImage, smallImage } from '../../fakes/small-image.ts';
import { missing } from '../../needs.ts';

const lacks = missing('a running dockerd', dockerIsThere) || missing('a static busybox', busyboxIsThere);
const reference = `${imagePrefix}/app:1`;
const sizeOf = (image: SmallImage) => [image.config, ...image.layers].reduce((sum, blob) => sum + blob.bytes.length, 0);
describe.skipIf(lacks)('importing images', () => {
  let engine: Engine;
  let stage: ImageStage;

  beforeAll(async () => {
    engine = await connectEngine(engineAddress(undefined));
  });
  beforeEach(async () => {
    stage = await ImageStage.open();
    await removeTraces(engine);
  });
  afterEach(async () => {
    await removeTraces(engine);
    await stage.close();
  });

  const blobFiles = () => readdirSync(join(stage.store, 'blobs/sha256'));
  const hello = async () => {
    const busybox = readFileSync('/bin/busybox');
    return smallImage([{ 'bin/busybox': busybox }, { data: randomBytes(3_000_000) }], {
      Cmd: ['/bin/busybox', 'echo', 'hello from the enclave'],
    });
  };

  it('brings an image from two media into the engine, where it runs; nothing of it goes into the store', async () => {
    const image = await hello();
    const line = await stage.layout('layout', reference, image);
    const packed = await stage.pack([line], ['a', 'b'], { partBytes: 1024 * 1024, mediumBytes: 3_000_000 });
    expect(packed.media).toHaveLength(2);
    const done = await stage.import(['a', 'b']);
    const row = { reference, imageId: image.config.digest, digest: image.manifest.digest, path: 'registry' };
    expect(done).toMatchObject({ images: [row], findings: [], imageBytesSent: sizeOf(image) });
    expect(done.bytesRead).toBeGreaterThanOrEqual(sizeOf(image));
    expect(done.bytesRead).toBeLessThan(sizeOf(image) + 20_000);
    expect(done.bytesWritten).toBe(image.manifest.bytes.length);
    expect(blobFiles()).toEqual([image.manifest.digest.slice(7)]);
    expect(await tracesOf(engine, image)).toEqual([reference]);
    const said = execFileSync('docker', ['run', '--rm', '--network', 'none', reference], { encoding: 'utf8' });
    expect(said).toBe('hello from the enclave\n');
    expect((await readImports(stage.store))[0]).toMatchObject({ images: [row], leftOut: [] });
  });
});
