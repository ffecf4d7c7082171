import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';
import { z } from 'zod';
import { appError } from '../../../shared/errors/app-error.ts';
import type { Engine } from '../engine/connect-engine.ts';
import { expectedLocalId, type ImageIdentity, storeKindOf } from '../engine/image-identity.ts';
import { translateEngineError } from '../engine/translate-error.ts';
import type { Work } from '../jobs/work.ts';
import type { RegistryContent } from './loopback-registry.ts';
import { localId, type PulledImage } from './pull-image.ts';

const imageManifest = z.object({
  config: z.object({ digest: z.string(), size: z.int().nonnegative() }),
  layers: z.array(z.object({ digest: z.string(), size: z.int().nonnegative() })).max(1000),
});

/**
 * For engines that cannot reach our loopback: streams one image into the engine's `load` as a docker-archive made on the fly, never
 * on disk. Layers stay as they are (the engine inflates them). Same checks and result as `pullImage`. The archive gives the image
 * its name, so a name that another image has is refused first. The load stream is read to its end: engines report a full disk there.
 */
export async function loadImage(
  engine: Engine,
  content: RegistryContent,
  image: ImageIdentity,
  work: Work,
): Promise<PulledImage> {
  const expected = expectedLocalId({ ...image, manifestDigest: image.configDigest }, storeKindOf(engine.info));
  const named = await localId(engine, image.reference);
  if (named && named !== expected)
    throw appError('engine.tag-taken', { reference: image.reference, found: named, wanted: expected });
  if (named) return { imageId: expected, wasThere: true };
  const archive = new PassThrough({ highWaterMark: 1024 * 1024 });
  const stop = new AbortController();
  const written = writeArchive(archive, content, image, work.signal);
  // An archive that cannot be finished must not look finished: the request is torn down with it.
  written.catch(() => stop.abort());
  archive.on('error', () => undefined);
  try {
    const answer = await engine.docker.loadImage(archive, { quiet: true, abortSignal: stop.signal });
    await readToEnd(answer);
    await written;
  } catch (thrown) {
    work.signal.throwIfAborted();
    await written;
    throw translateEngineError(thrown, {
      address: engine.address,
      doing: `load ${image.reference}`,
      dataRoot: engine.dataRoot,
    });
  }
  const found = await localId(engine, image.reference);
  if (found !== expected)
    throw appError('engine.other-image', { reference: image.reference, expected, found: found ?? 'nothing' });
  return { imageId: expected, wasThere: false };
}

async function writeArchive(
  out: PassThrough,
  content: RegistryContent,
  image: ImageIdentity,
  signal: AbortSignal,
): Promise<void> {
  const bytes = content.manifest(image.manifestDigest)?.bytes;
  if (!bytes)
    throw appError('input.invalid', { what: image.reference, issues: ['its manifest is not on these media'] });
  const manifest = imageManifest.parse(JSON.parse(bytes.toString()));
  const tar = pack();
  const flowing = pipeline(tar, out, { signal });
  flowing.catch(() => undefined);
  const config = `${manifest.config.digest.slice(7)}.json`;
  const layers = [...new Set(manifest.layers.map((layer) => layer.digest))];
  const index = [
    { Config: config, RepoTags: [image.reference], Layers: manifest.layers.map((layer) => layerPath(layer.digest)) },
  ];
  tar.entry({ name: 'manifest.json' }, JSON.stringify(index));
  for (const digest of [manifest.config.digest, ...layers]) {
    await writeBlob(tar, digest === manifest.config.digest ? config : layerPath(digest), content, digest, signal);
  }
  tar.finalize();
  await flowing;
}

function layerPath(digest: string): string {
  return `${digest.slice(7)}/layer.tar`;
}

async function writeBlob(
  tar: ReturnType<typeof pack>,
  name: string,
  content: RegistryContent,
  digest: string,
  signal: AbortSignal,
): Promise<void> {
  const blob = content.blob(digest);
  if (!blob) throw appError('input.invalid', { what: name, issues: [`blob ${digest} is not on these media`] });
  const entry = tar.entry({ name, size: blob.sizeBytes });
  for await (const chunk of blob.read(signal)) {
    signal.throwIfAborted();
    if (!entry.write(chunk)) await once(entry, 'drain', { signal });
  }
  entry.end(null);
}

async function readToEnd(answer: NodeJS.ReadableStream): Promise<void> {
  let text = '';
  for await (const chunk of answer) text = `${text}${String(chunk)}`.slice(-65_536);
  const error = text
    .split('\n')
    .map((line) => line.match(/"error"\s*:\s*"((?:[^"\\]|\\.)*)"/)?.[1])
    .find((line) => line !== undefined);
  if (error) throw new Error(error);
}
