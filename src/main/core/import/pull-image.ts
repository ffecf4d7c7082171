import { appError } from '../../../shared/errors/app-error.ts';
import type { Engine } from '../engine/connect-engine.ts';
import { expectedLocalId, type ImageIdentity, storeKindOf } from '../engine/image-identity.ts';
import { translateEngineError } from '../engine/translate-error.ts';
import type { Work } from '../jobs/work.ts';
import type { LoopbackRegistry } from './loopback-registry.ts';

/** An image that is in the engine under its canonical name. */
export interface PulledImage {
  imageId: string;
  /** True when the engine had it already and nothing was sent. */
  wasThere: boolean;
}

/**
 * Makes the engine pull one image by digest from our registry, compares what it then holds with what the manifest says, gives it
 * its canonical name and removes the loopback name. Throws `engine.tag-taken` before anything is sent when another image has
 * the name, the registry's own failure when a block was bad, `engine.other-image` when the identity differs.
 */
export async function pullImage(
  engine: Engine,
  registry: LoopbackRegistry,
  image: ImageIdentity,
  work: Work,
): Promise<PulledImage> {
  const expected = expectedLocalId(image, storeKindOf(engine.info));
  const named = await localId(engine, image.reference);
  if (named && named !== expected)
    throw appError('engine.tag-taken', { reference: image.reference, found: named, wanted: expected });
  if (named) return { imageId: expected, wasThere: true };
  const wasThere = (await localId(engine, expected)) !== undefined;
  const loopbackName = `${registry.authority}/sealift/import@${image.manifestDigest}`;
  if (!wasThere) await pull(engine, registry, loopbackName, work);
  try {
    const found = await localId(engine, wasThere ? expected : loopbackName);
    if (found !== expected)
      throw appError('engine.other-image', { reference: image.reference, expected, found: found ?? 'nothing' });
    await tag(engine, expected, image.reference);
  } finally {
    if (!wasThere)
      await engine.docker
        .getImage(loopbackName)
        .remove({ noprune: true })
        .catch(() => undefined);
  }
  return { imageId: expected, wasThere };
}

/** The local ID behind a name or ID, or nothing when the engine has no such image. */
export async function localId(engine: Engine, name: string): Promise<string | undefined> {
  try {
    return (await engine.docker.getImage(name).inspect()).Id;
  } catch (thrown) {
    if ((thrown as { statusCode?: number }).statusCode === 404) return undefined;
    throw translateEngineError(thrown, { address: engine.address, doing: `looking up ${name}` });
  }
}

async function pull(engine: Engine, registry: LoopbackRegistry, name: string, work: Work): Promise<void> {
  const stop = AbortSignal.any([work.signal, registry.failed]);
  try {
    const progress = await engine.docker.pull(name, { abortSignal: stop });
    await new Promise<void>((resolve, reject) => {
      stop.addEventListener('abort', () => reject(new Error('stopped')), { once: true });
      engine.docker.modem.followProgress(progress, (error) => (error ? reject(error) : resolve()));
    });
  } catch (thrown) {
    work.signal.throwIfAborted();
    const failure = registry.failure();
    if (failure) throw failure;
    throw translateEngineError(thrown, { address: engine.address, doing: `pull ${name}`, dataRoot: engine.dataRoot });
  }
}

async function tag(engine: Engine, id: string, reference: string): Promise<void> {
  const colon = reference.lastIndexOf(':');
  const hasTag = colon > reference.lastIndexOf('/');
  const repo = hasTag ? reference.slice(0, colon) : reference;
  await engine.docker.getImage(id).tag({ repo, tag: hasTag ? reference.slice(colon + 1) : 'latest' });
}
