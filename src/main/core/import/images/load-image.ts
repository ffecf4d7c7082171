import { PassThrough } from 'node:stream';
import { AppError, appError } from '../../../../shared/errors/app-error.ts';
import type { Engine } from '../../engine/connect-engine.ts';
import { expectedLocalId, type ImageIdentity, storeKindOf } from '../../engine/image-identity.ts';
import { readAnswer } from '../../engine/read-answer.ts';
import { translateEngineError } from '../../engine/translate-error.ts';
import type { Work } from '../../work.ts';
import { type ImageArchive, writeImageArchive } from './image-archive.ts';
import { isHollow, isWhole, localId } from './local-image.ts';
import type { RegistryContent } from './loopback-registry.ts';
import { type PulledImage, refuseGone, tagImage } from './pull-image.ts';

/** What a load may leave out or do in steps, for engines with graph drivers. */
export interface LoadOptions {
  /** The engine has that many of the lowest layers: they are not sent. */
  presentCount?: number;
  /** Loaded first, one after another, each with the layers above those of the one before. */
  checkpoints?: readonly { manifestDigest: string; layerCount: number }[];
  /** Layers that the engine has, and the media do not. */
  relied?: ReadonlySet<string> | undefined;
}

/**
 * For engines that cannot reach our loopback: streams one image into the engine's `load` as an archive made on the fly, never on disk.
 * Layers stay as they are (the engine inflates them). Same checks and result as `pullImage`. The archive gives the image its name, so
 * a name that another image has is refused first. The load stream is read to its end: engines report a full disk there.
 * Throws `engine.hollow-image` when the engine has the image without its content afterwards.
 */
export async function loadImage(
  engine: Engine,
  content: RegistryContent,
  image: ImageIdentity,
  work: Work,
  options: LoadOptions = {},
): Promise<PulledImage> {
  const { reference } = image;
  const expected = expectedLocalId(image, storeKindOf(engine.info));
  const named = await localId(engine, reference);
  if (named && named !== expected) throw appError('engine.tag-taken', { reference, found: named, wanted: expected });
  const isThere = await isWhole(engine, expected);
  if (isThere && !named) await tagImage(engine, expected, reference);
  if (isThere) return { imageId: expected, wasThere: true };
  const isInSteps = (options.presentCount ?? 0) > 0 || (options.checkpoints ?? []).length > 0;
  try {
    await loadInSteps(engine, content, image, work.signal, options);
  } catch (thrown) {
    if (!(thrown instanceof AppError) || thrown.code !== 'engine.refused' || !isInSteps) throw thrown;
    if (options.relied) throw thrown;
    // Some engines want every layer in the archive.
    await loadInSteps(engine, content, image, work.signal, {});
  }
  const found = await localId(engine, reference);
  if (found !== expected) throw appError('engine.other-image', { reference, expected, found: found ?? 'nothing' });
  if (await isHollow(engine, expected)) throw appError('engine.hollow-image', { reference });
  return { imageId: expected, wasThere: false };
}

async function loadInSteps(
  engine: Engine,
  content: RegistryContent,
  { manifestDigest, reference }: ImageIdentity,
  signal: AbortSignal,
  { presentCount = 0, checkpoints = [], relied }: LoadOptions,
): Promise<void> {
  const store = storeKindOf(engine.info);
  let fromLayer = presentCount;
  for (const one of checkpoints) {
    await loadArchive(engine, content, { manifestDigest: one.manifestDigest, fromLayer, store, relied }, signal);
    fromLayer = one.layerCount;
  }
  await loadArchive(engine, content, { manifestDigest, reference, fromLayer, store, relied }, signal);
}

async function loadArchive(
  engine: Engine,
  content: RegistryContent,
  archive: ImageArchive,
  signal: AbortSignal,
): Promise<void> {
  const out = new PassThrough({ highWaterMark: 1024 * 1024 });
  const stop = new AbortController();
  const written = writeImageArchive(out, content, archive, signal);
  // An archive that cannot be finished must not look finished: the request is destroyed with it.
  written.catch(() => stop.abort());
  out.on('error', () => undefined);
  const doing = `load ${archive.reference ?? archive.manifestDigest}`;
  try {
    // The engine may unpack for a long time after it has the whole archive.
    const either = AbortSignal.any([signal, stop.signal]);
    const answer = await engine.docker.loadImage(out, { quiet: true, abortSignal: either });
    await readAnswer(answer, either);
    await written;
  } catch (thrown) {
    signal.throwIfAborted();
    // The archive's own failure takes precedence over the engine's answer to a broken archive.
    if (stop.signal.aborted) await written;
    out.destroy();
    await refuseGone(engine, `loading ${archive.reference ?? archive.manifestDigest}`);
    throw translateEngineError(thrown, { address: engine.address, doing, dataRoot: engine.dataRoot });
  }
}
