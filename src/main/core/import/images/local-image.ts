import type Docker from 'dockerode';
import type { Engine } from '../../engine/connect-engine.ts';
import { expectedLocalId, type ImageIdentity, storeKindOf } from '../../engine/image-identity.ts';
import { translateEngineError } from '../../engine/translate-error.ts';

/** The local ID behind a name or ID, or nothing when the engine has no such image. */
export async function localId(engine: Engine, name: string): Promise<string | undefined> {
  return (await inspectImage(engine, name))?.Id;
}

/** Returns the names of an image; undefined when the engine has no such image. */
export async function localNames(engine: Engine, id: string): Promise<string[] | undefined> {
  const found = await inspectImage(engine, id);
  return found && [...(found.RepoTags ?? []), ...(found.RepoDigests ?? [])].filter((one) => !one.startsWith('<none>'));
}

/**
 * Returns whether the engine has an image without its content. A containerd store (seen on Docker 28.5) pulls it so when it has a
 * layer under another compression, and lists no platform for it. The image cannot be run; `load` brings its content.
 */
export async function isHollow(engine: Engine, id: string): Promise<boolean> {
  const found = await inspectImage(engine, id);
  return found !== undefined && storeKindOf(engine.info) === 'containerd' && !found.Architecture;
}

/**
 * Returns whether the engine has an image with its content, unpacked. What it has not unpacked, it would unpack when a container is made,
 * and no one would watch. Engines that do not tell are believed.
 */
export async function isWhole(engine: Engine, id: string): Promise<boolean> {
  const found = await localId(engine, id);
  return found !== undefined && !(await isHollow(engine, found)) && (await unpackedBytes(engine, found)) !== 0;
}

/**
 * Removes an image that the containerd store names although its load or pull did not come to an end. Engines with graph drivers name
 * an image last.
 */
export async function dropUnfinished(engine: Engine, image: ImageIdentity): Promise<void> {
  const expected = expectedLocalId(image, 'containerd');
  if (storeKindOf(engine.info) !== 'containerd' || (await localId(engine, image.reference)) !== expected) return;
  if (((await unpackedBytes(engine, expected)) ?? 0) > 0) return;
  await engine.docker.getImage(image.reference).remove({ force: true });
}

/** How much the containerd store has unpacked of an image; undefined where the engine does not tell (its API has it from 1.47 on). */
async function unpackedBytes(engine: Engine, id: string): Promise<number | undefined> {
  if (storeKindOf(engine.info) !== 'containerd') return undefined;
  const images = await engine.docker.listImages({ all: true, manifests: true }).catch((thrown) => {
    throw translateEngineError(thrown, { address: engine.address, doing: 'listing images' });
  });
  const manifests = images.find((one) => one.Id === id)?.Manifests;
  return manifests?.reduce((sum, one) => sum + (one.ImageData?.Size.Unpacked ?? 0), 0);
}

async function inspectImage(engine: Engine, name: string): Promise<Docker.ImageInspectInfo | undefined> {
  try {
    return await engine.docker.getImage(name).inspect();
  } catch (thrown) {
    if ((thrown as { statusCode?: number }).statusCode === 404) return undefined;
    throw translateEngineError(thrown, { address: engine.address, doing: `looking up ${name}` });
  }
}
