import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';
import { z } from 'zod';
import { AppError, appError } from '../../../shared/errors/app-error.ts';
import type { Engine } from '../engine/connect-engine.ts';
import { expectedLocalId, type ImageIdentity, storeKindOf } from '../engine/image-identity.ts';
import { readAnswer } from '../engine/read-answer.ts';
import { translateEngineError } from '../engine/translate-error.ts';
import type { Work } from '../jobs/work.ts';
import type { RegistryContent } from './loopback-registry.ts';
import { localId, type PulledImage, refuseGone, tagImage } from './pull-image.ts';

const imageManifest = z.object({
  config: z.object({ digest: z.string(), size: z.int().nonnegative() }),
  layers: z.array(z.object({ digest: z.string(), size: z.int().nonnegative() })).max(1000),
});

/** What a load may leave out or do in steps, for engines with graph drivers. */
export interface LoadOptions {
  /** The engine has that many of the lowest layers: they are not sent. */
  presentCount?: number;
  /** Loaded first, one after another, each with the layers above those of the one before. */
  checkpoints?: readonly { manifestDigest: string; layerCount: number }[];
}

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
  options: LoadOptions = {},
): Promise<PulledImage> {
  const { reference } = image;
  const expected = expectedLocalId({ ...image, manifestDigest: image.configDigest }, storeKindOf(engine.info));
  const named = await localId(engine, reference);
  if (named && named !== expected) throw appError('engine.tag-taken', { reference, found: named, wanted: expected });
  if (named) return { imageId: expected, wasThere: true };
  if ((await localId(engine, expected)) !== undefined) {
    await tagImage(engine, expected, reference);
    return { imageId: expected, wasThere: true };
  }
  const isInSteps = (options.presentCount ?? 0) > 0 || (options.checkpoints ?? []).length > 0;
  try {
    await loadInSteps(engine, content, image, work.signal, options);
  } catch (thrown) {
    if (!(thrown instanceof AppError) || thrown.code !== 'engine.refused' || !isInSteps) throw thrown;
    // Some engines want every layer in the archive.
    await loadInSteps(engine, content, image, work.signal, {});
  }
  const found = await localId(engine, reference);
  if (found !== expected) throw appError('engine.other-image', { reference, expected, found: found ?? 'nothing' });
  return { imageId: expected, wasThere: false };
}

async function loadInSteps(
  engine: Engine,
  content: RegistryContent,
  { manifestDigest, reference }: ImageIdentity,
  signal: AbortSignal,
  { presentCount = 0, checkpoints = [] }: LoadOptions,
): Promise<void> {
  let fromLayer = presentCount;
  for (const one of checkpoints) {
    await loadArchive(engine, content, { manifestDigest: one.manifestDigest, fromLayer }, signal);
    fromLayer = one.layerCount;
  }
  await loadArchive(engine, content, { manifestDigest, reference, fromLayer }, signal);
}

/** What is put into an archive: the layers from `fromLayer` on. Without a reference the image gets no name. */
interface Archive {
  manifestDigest: string;
  reference?: string;
  fromLayer: number;
}

async function loadArchive(
  engine: Engine,
  content: RegistryContent,
  archive: Archive,
  signal: AbortSignal,
): Promise<void> {
  const out = new PassThrough({ highWaterMark: 1024 * 1024 });
  const stop = new AbortController();
  const written = writeArchive(out, content, archive, signal);
  // An archive that cannot be finished must not look finished: the request is torn down with it.
  written.catch(() => stop.abort());
  out.on('error', () => undefined);
  const doing = `load ${archive.reference ?? archive.manifestDigest}`;
  try {
    const answer = await engine.docker.loadImage(out, { quiet: true, abortSignal: stop.signal });
    await readAnswer(answer, stop.signal);
    await written;
  } catch (thrown) {
    signal.throwIfAborted();
    // The archive's own failure comes before what the engine said to a torn one; an engine that gave up no longer reads.
    if (stop.signal.aborted) await written;
    out.destroy();
    await refuseGone(engine, `loading ${archive.reference ?? archive.manifestDigest}`);
    throw translateEngineError(thrown, { address: engine.address, doing, dataRoot: engine.dataRoot });
  }
}

async function writeArchive(
  out: PassThrough,
  content: RegistryContent,
  { manifestDigest, reference, fromLayer }: Archive,
  signal: AbortSignal,
): Promise<void> {
  const bytes = content.manifest(manifestDigest)?.bytes;
  if (!bytes)
    throw appError('input.invalid', {
      what: reference ?? manifestDigest,
      issues: ['its manifest is not on these media'],
    });
  const manifest = imageManifest.parse(JSON.parse(bytes.toString()));
  const tar = pack();
  const flowing = pipeline(tar, out, { signal });
  const config = `${manifest.config.digest.slice(7)}.json`;
  const layers = manifest.layers.map((layer) => layer.digest);
  const index = [{ Config: config, RepoTags: reference ? [reference] : null, Layers: layers.map(layerPath) }];
  const writing = async () => {
    tar.entry({ name: 'manifest.json' }, JSON.stringify(index));
    await writeBlob(tar, config, content, manifest.config.digest, signal);
    for (const digest of new Set(layers.slice(fromLayer))) {
      await writeBlob(tar, layerPath(digest), content, digest, signal);
    }
    tar.finalize();
  };
  // What ends the flow, such as an engine that no longer reads, ends the writing too.
  await Promise.all([writing(), flowing]);
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
    // The reader takes its buffers back sooner than everything behind this has let go of them.
    if (!entry.write(Buffer.from(chunk))) await once(entry, 'drain', { signal });
  }
  entry.end(null);
}
