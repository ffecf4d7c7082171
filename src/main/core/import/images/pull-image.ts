import { appError } from '../../../../shared/errors/app-error.ts';
import { nameAndTag } from '../../../../shared/image-reference.ts';
import type { Engine } from '../../engine/connect-engine.ts';
import { expectedLocalId, type ImageIdentity, storeKindOf } from '../../engine/image-identity.ts';
import { type EngineLine, readAnswer } from '../../engine/read-answer.ts';
import { translateEngineError } from '../../engine/translate-error.ts';
import type { Work } from '../../work.ts';
import { isWhole, localId } from './local-image.ts';
import type { LoopbackRegistry } from './loopback-registry.ts';

/** An image that is in the engine under its canonical name. */
export interface PulledImage {
  imageId: string;
  /** True when the engine already had it and nothing was sent. */
  wasThere: boolean;
}

/** Options of a pull. */
export interface PullOptions {
  /** Manifest digests that the registry offers too, pulled at the same time. */
  alongside?: readonly string[];
  onLine?: (line: EngineLine) => void;
  /** How long the engine may take until its first request to the registry. */
  reachMs?: number;
}

const repository = 'sealift/import';

/**
 * Makes the engine pull one image by digest from our registry, compares the result with the manifest, gives it its canonical name
 * and removes the loopback name. Throws `engine.tag-taken` before anything is sent when another image has
 * the name, the registry's own failure when a block was bad, `engine.other-image` when the identity differs. Returns undefined when
 * the engine never reached the registry: then nothing has changed.
 */
export async function pullImage(
  engine: Engine,
  registry: LoopbackRegistry,
  image: ImageIdentity,
  work: Work,
  options: PullOptions = {},
): Promise<PulledImage | undefined> {
  const expected = expectedLocalId(image, storeKindOf(engine.info));
  const named = await localId(engine, image.reference);
  if (named && named !== expected)
    throw appError('engine.tag-taken', { reference: image.reference, found: named, wanted: expected });
  const wasThere = await isWhole(engine, expected);
  const loopbackName = nameOf(registry, image.manifestDigest);
  if (!wasThere && !(await pullAll(engine, registry, image.manifestDigest, work, options))) return undefined;
  try {
    const found = await localId(engine, wasThere ? expected : loopbackName);
    if (found !== expected)
      throw appError('engine.other-image', { reference: image.reference, expected, found: found ?? 'nothing' });
    if (!named) await tagImage(engine, expected, image.reference);
  } finally {
    await dropLoopbackNames(engine, wasThere ? expected : loopbackName);
  }
  return { imageId: expected, wasThere };
}

/** Removes the loopback names of an image, including those of killed runs. */
async function dropLoopbackNames(engine: Engine, image: string): Promise<void> {
  const found = await engine.docker
    .getImage(image)
    .inspect()
    .catch(() => undefined);
  const names = [...(found?.RepoDigests ?? []), ...(found?.RepoTags ?? [])];
  for (const name of names.filter((one) => /^127\.0\.0\.1:\d+\/sealift\/import[@:]/.test(one))) {
    await engine.docker
      .getImage(name)
      .remove({ noprune: true })
      .catch(() => undefined);
  }
}

function nameOf(registry: LoopbackRegistry, digest: string): string {
  return `${registry.authority}/${repository}@${digest}`;
}

/** The image and what goes alongside: an engine fetches and unpacks a layer once for all pulls that need it. */
async function pullAll(
  engine: Engine,
  registry: LoopbackRegistry,
  digest: string,
  work: Work,
  options: PullOptions,
): Promise<boolean> {
  const stopOthers = new AbortController();
  const { alongside = [], onLine } = options;
  const main = pull(engine, registry, digest, work, options);
  const stop = AbortSignal.any([work.signal, registry.failed, stopOthers.signal]);
  const others = alongside.map((one) => pullOnce(engine, nameOf(registry, one), stop, onLine).catch(() => undefined));
  try {
    return await main;
  } catch (thrown) {
    stopOthers.abort();
    throw thrown;
  } finally {
    await Promise.all(others);
  }
}

const defaultReachMs = 15_000;

/** Returns false when the engine cannot reach the registry: it failed or kept trying for a long time without a request. */
async function pull(
  engine: Engine,
  registry: LoopbackRegistry,
  digest: string,
  work: Work,
  { onLine, reachMs = defaultReachMs }: PullOptions,
): Promise<boolean> {
  const unreached = new AbortController();
  const timer = setTimeout(() => registry.wasAsked() || unreached.abort(new Error('not reached')), reachMs);
  const name = nameOf(registry, digest);
  try {
    await pullOnce(engine, name, AbortSignal.any([work.signal, registry.failed, unreached.signal]), onLine);
    return true;
  } catch (thrown) {
    work.signal.throwIfAborted();
    const failure = registry.failure();
    if (failure) throw failure;
    await refuseGone(engine, `pulling ${name}`);
    if (!registry.wasAsked()) return false;
    throw translateEngineError(thrown, { address: engine.address, doing: `pull ${name}`, dataRoot: engine.dataRoot });
  } finally {
    clearTimeout(timer);
  }
}

async function pullOnce(
  engine: Engine,
  name: string,
  signal: AbortSignal,
  onLine?: (line: EngineLine) => void,
): Promise<void> {
  signal.throwIfAborted();
  const answer = await engine.docker.pull(name, { abortSignal: signal });
  await readAnswer(answer, signal, onLine);
  signal.throwIfAborted();
}

/** An engine that is stopped during a pull reports various errors, so it is asked again. Throws `engine.gone`. */
export async function refuseGone(engine: Engine, doing: string): Promise<void> {
  try {
    await engine.docker.ping();
  } catch (thrown) {
    throw appError('engine.gone', { while: doing }, thrown);
  }
}

/** Tags an image in the engine. */
export async function tagImage(engine: Engine, id: string, reference: string): Promise<void> {
  const { name, tag } = nameAndTag(reference);
  try {
    await engine.docker.getImage(id).tag({ repo: name, tag });
  } catch (thrown) {
    throw translateEngineError(thrown, { address: engine.address, doing: `name it ${reference}` });
  }
}
