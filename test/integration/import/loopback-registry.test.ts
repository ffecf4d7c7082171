import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectEngine, type Engine, engineAddress } from '../../../src/main/core/engine/connect-engine.ts';
import { expectedLocalId, storeKindOf } from '../../../src/main/core/engine/image-identity.ts';
import { loadImage } from '../../../src/main/core/import/images/load-image.ts';
import {
  type LoopbackRegistry,
  type RegistryContent,
  startLoopbackRegistry,
} from '../../../src/main/core/import/images/loopback-registry.ts';
import { pullImage } from '../../../src/main/core/import/images/pull-image.ts';
import { quietWork } from '../../../src/main/core/work.ts';
import { appError } from '../../../src/shared/errors/app-error.ts';
import { missing } from '../../needs.ts';
import { dockerIsThere } from '../../scenes/docker-is-there.ts';
import { manifestType, type SmallImage, smallImage } from '../../scenes/small-image.ts';

let registry: LoopbackRegistry;
afterEach(() => registry?.close());

function contentOf(image: SmallImage, break_?: string): RegistryContent {
  const blobs = new Map([image.config, ...image.layers].map((blob) => [blob.digest, blob.bytes]));
  return {
    manifest: (digest) =>
      digest === image.manifest.digest ? { bytes: image.manifest.bytes, mediaType: manifestType } : undefined,
    blob: (digest) => {
      const bytes = blobs.get(digest);
      if (!bytes) return undefined;
      return {
        sizeBytes: bytes.length,
        async *read() {
          const half = Math.floor(bytes.length / 2);
          yield bytes.subarray(0, half);
          if (digest === break_) throw appError('medium.gone', { path: '/media/a' });
          yield bytes.subarray(half);
        },
      };
    },
  };
}

describe.skipIf(missing('a running dockerd', dockerIsThere))('the loopback registry', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await connectEngine(engineAddress(undefined));
  });

  const identityOf = (image: SmallImage, reference: string) => ({
    reference,
    manifestDigest: image.manifest.digest,
    configDigest: image.config.digest,
  });
  const remove = (reference: string) => engine.docker.getImage(reference).remove({ force: true });

  it('brings an image into the engine under its canonical name only, with the identity that was expected', async () => {
    const image = await smallImage([{ a: randomBytes(2_000_000) }, { b: randomBytes(100) }]);
    let sent = 0;
    registry = await startLoopbackRegistry(contentOf(image), {
      onBytes: (count) => (sent += count),
      newRef: () => 'r',
    });
    const identity = identityOf(image, 'example.test/team/pulled:1.0');
    const first = await pullImage(engine, registry, identity, quietWork());
    expect(first).toEqual({ imageId: expectedLocalId(identity, storeKindOf(engine.info)), wasThere: false });
    expect(sent).toBe(image.config.bytes.length + image.layers.reduce((sum, layer) => sum + layer.bytes.length, 0));
    const found = await engine.docker.getImage(identity.reference).inspect();
    expect(found.RepoTags).toEqual([identity.reference]);
    expect(JSON.stringify(found.RepoDigests)).not.toContain('127.0.0.1');
    expect(await pullImage(engine, registry, identity, quietWork())).toMatchObject({ wasThere: true });
    await remove(identity.reference);
  });

  it('sends a layer that the engine has already only once', async () => {
    const shared = { base: randomBytes(1_000_000) };
    const [one, two] = [
      await smallImage([shared, { a: Buffer.from('1') }]),
      await smallImage([shared, { a: Buffer.from('2') }]),
    ];
    let sent = 0;
    for (const [image, name] of [
      [one, 'example.test/one:1'],
      [two, 'example.test/two:1'],
    ] as const) {
      registry = await startLoopbackRegistry(contentOf(image), {
        onBytes: (count) => (sent += count),
        newRef: () => 'r',
      });
      await pullImage(engine, registry, identityOf(image, name), quietWork());
      await registry.close();
    }
    expect(sent).toBeLessThan(1_100_000);
    await remove('example.test/one:1');
    await remove('example.test/two:1');
  });

  it('leaves no image when a block is bad, and says why', async () => {
    const image = await smallImage([{ a: randomBytes(2_000_000) }]);
    registry = await startLoopbackRegistry(contentOf(image, image.layers[0]?.digest), {
      onBytes: () => undefined,
      newRef: () => 'r',
    });
    const identity = identityOf(image, 'example.test/bad:1');
    await expect(pullImage(engine, registry, identity, quietWork())).rejects.toMatchObject({
      wire: { code: 'medium.gone' },
    });
    await expect(engine.docker.getImage(image.config.digest).inspect()).rejects.toMatchObject({ statusCode: 404 });
  });

  it('never takes a name from another image', async () => {
    const [mine, other] = [
      await smallImage([{ a: Buffer.from('mine') }]),
      await smallImage([{ a: Buffer.from('other') }]),
    ];
    const name = 'example.test/taken:1';
    registry = await startLoopbackRegistry(contentOf(other), { onBytes: () => undefined, newRef: () => 'r' });
    await pullImage(engine, registry, identityOf(other, name), quietWork());
    await registry.close();
    registry = await startLoopbackRegistry(contentOf(mine), { onBytes: () => undefined, newRef: () => 'r' });
    await expect(pullImage(engine, registry, identityOf(mine, name), quietWork())).rejects.toMatchObject({
      wire: { code: 'engine.tag-taken' },
    });
    expect((await engine.docker.getImage(name).inspect()).Id).toBe(
      expectedLocalId(identityOf(other, name), storeKindOf(engine.info)),
    );
    await remove(name);
  });

  it('is not needed where an archive is streamed into the engine, with the same identity', async () => {
    const image = await smallImage([{ a: randomBytes(3_000_000) }, { b: randomBytes(100) }]);
    const identity = identityOf(image, 'example.test/loaded:1');
    const expected = expectedLocalId(identity, storeKindOf(engine.info));
    expect(await loadImage(engine, contentOf(image), identity, quietWork())).toEqual({
      imageId: expected,
      wasThere: false,
    });
    expect(await loadImage(engine, contentOf(image), identity, quietWork())).toEqual({
      imageId: expected,
      wasThere: true,
    });
    await remove(identity.reference);
    const broken = contentOf(image, image.layers[0]?.digest);
    await expect(loadImage(engine, broken, identity, quietWork())).rejects.toMatchObject({
      wire: { code: 'medium.gone' },
    });
    await expect(engine.docker.getImage(identity.reference).inspect()).rejects.toMatchObject({ statusCode: 404 });
  });

  it('can be cancelled', async () => {
    const image = await smallImage([{ a: randomBytes(2_000_000) }]);
    const abort = new AbortController();
    const content = contentOf(image);
    const layer = content.blob(image.layers[0]?.digest ?? '');
    // The engine has the first bytes of the layer when it is cancelled, and waits for more.
    async function* stuckAfterFirst(signal: AbortSignal): AsyncGenerator<Buffer> {
      for await (const chunk of layer?.read(signal) ?? []) {
        yield chunk.subarray(0, 1000);
        abort.abort(appError('interrupted', { what: 'The import', resumes: true }));
        if (!signal.aborted) await once(signal, 'abort');
      }
    }
    const stuck: RegistryContent = {
      ...content,
      blob: (digest) =>
        digest === image.layers[0]?.digest && layer
          ? { sizeBytes: layer.sizeBytes, read: stuckAfterFirst }
          : content.blob(digest),
    };
    registry = await startLoopbackRegistry(stuck, { onBytes: () => undefined, newRef: () => 'r' });
    const pulling = pullImage(engine, registry, identityOf(image, 'example.test/slow:1'), quietWork(abort.signal));
    await expect(pulling).rejects.toMatchObject({ wire: { code: 'interrupted' } });
  });
});

describe('the loopback registry', () => {
  it.each([
    '/v2/x/manifests/latest',
    '/v2/x/blobs/sha256:00',
    '/v2/x/blobs/../../etc/passwd',
    `/v2/x/blobs/sha256:${'a'.repeat(64)}`,
    `/v2/x/manifests/sha256:${'a'.repeat(64)}`,
    '/v2/_catalog',
    '/',
  ])('has nothing at %s', async (path) => {
    registry = await startLoopbackRegistry(contentOf(await smallImage([{ a: Buffer.from('x') }])), {
      onBytes: () => undefined,
      newRef: () => 'r',
    });
    expect((await fetch(`http://${registry.authority}${path}`)).status).toBe(404);
    expect((await fetch(`http://${registry.authority}/v2/`, { method: 'PUT' })).status).toBe(404);
  });
});
