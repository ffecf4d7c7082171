import { stat, statfs } from 'node:fs/promises';
import { appError } from '../../../shared/errors/app-error.ts';
import type { OpenBundle } from '../bundle/open-media.ts';
import { type SeenContent, seenContents } from '../bundle/read-blob.ts';
import type { Engine } from '../engine/connect-engine.ts';
import { expectedLocalId, storeKindOf } from '../engine/image-identity.ts';
import { layersOfImages, presentLayerCount } from '../engine/present-layers.ts';
import { blobAtHand, readSmallBlob } from './image-blobs.ts';
import { manifestBytes } from './plan-import.ts';
import { type ImageFacts, type PlannedImage, readImageConfig, readPlannedImage } from './planned-image.ts';
import { localId } from './pull-image.ts';
import type { StorePaths } from './store-paths.ts';

/** What an import has to do about images in an engine. */
export interface ImagesPlan {
  engine: Engine;
  /** Those the engine has under their name already. */
  present: PlannedImage[];
  /** Those to bring. */
  wanted: PlannedImage[];
  /** Those whose manifest is not at hand, so that nothing can be said of them yet. */
  unseen: SeenContent[];
  /** What those to bring take at most in the engine's folder; absent when that cannot be looked at, or nothing is to be brought. */
  space?: EngineSpace;
}

/** Figures of the engine's filesystem; `device` tells filesystems apart. */
export interface EngineSpace {
  path: string;
  neededBytes: number;
  freeBytes: number;
  device: number;
}

/**
 * Finds out which images the engine needs, and refuses before anything is written: `engine.tag-taken` when another image has the
 * name, `engine.wrong-platform`, and what is wrong with a manifest. Space is told, see `refuseShortEngine`.
 */
export async function planImages(
  engine: Engine,
  open: OpenBundle,
  paths: StorePaths,
  signal: AbortSignal,
): Promise<ImagesPlan> {
  const plan: ImagesPlan = { engine, present: [], wanted: [], unseen: [] };
  for (const content of await seenContents(open, signal)) {
    if (content.kind !== 'image') continue;
    const bytes = await manifestBytes(open, paths, content.manifest, signal);
    if (!bytes) plan.unseen.push(content);
    else await planOne(plan, readPlannedImage(content, bytes));
  }
  const facts = await readFacts(plan, open, paths, signal);
  const space = facts.size > 0 ? await engineSpace(engine, facts) : undefined;
  return { ...plan, ...(space && { space }) };
}

/** Refuses with `space.short` when the engine's filesystem surely cannot take the images. */
export function refuseShortEngine({ space }: Pick<ImagesPlan, 'space'>): void {
  if (!space) return;
  const { path, neededBytes, freeBytes } = space;
  if (freeBytes < neededBytes) throw appError('space.short', { path, neededBytes, freeBytes });
}

async function planOne(plan: ImagesPlan, image: PlannedImage): Promise<void> {
  const { reference } = image;
  const wanted = expectedLocalId(image, storeKindOf(plan.engine.info));
  const found = await localId(plan.engine, reference);
  if (found !== undefined && found !== wanted) throw appError('engine.tag-taken', { reference, found, wanted });
  if (found === undefined) plan.wanted.push(image);
  else plan.present.push(image);
}

/** The configurations that are at hand; one for another platform is refused. */
async function readFacts(
  plan: ImagesPlan,
  open: OpenBundle,
  paths: StorePaths,
  signal: AbortSignal,
): Promise<Map<PlannedImage, ImageFacts>> {
  const { engine, wanted } = plan;
  const facts = new Map<PlannedImage, ImageFacts>();
  for (const image of wanted) {
    const config = await blobAtHand({ digest: image.configDigest, sizeBytes: image.configBytes }, open, paths);
    if (!config) continue;
    const fact = readImageConfig(image, await readSmallBlob(config, signal));
    if (fact.platform !== engine.platform) {
      const { reference } = image;
      throw appError('engine.wrong-platform', { reference, image: fact.platform, engine: engine.platform });
    }
    facts.set(image, fact);
  }
  return facts;
}

/** A gzip layer of programs unpacks to about 2.9 times its size (measured on ELF files); 3 leaves a little. */
const unpackedFactor = 3;
/** A plain layer lies in the engine's folder twice for a while: as it came, and unpacked. */
const plainFactor = 2;

/**
 * How much of the engine's filesystem an image takes at most, by its layers without the lowest `presentCount`: an estimate, since
 * a manifest does not say how large a compressed layer is when unpacked.
 */
export function engineSpaceBytes(image: PlannedImage, presentCount: number): number {
  return image.layers
    .slice(presentCount)
    .reduce((sum, layer) => sum + layer.sizeBytes * (layer.isCompressed ? unpackedFactor : plainFactor), 0);
}

async function engineSpace(engine: Engine, facts: Map<PlannedImage, ImageFacts>): Promise<EngineSpace | undefined> {
  // The folder of an engine on another machine, or in a virtual one, cannot be looked at.
  const isHere = !/^(tcp|https?):/.test(engine.address);
  const free = isHere ? await statfs(engine.dataRoot).catch(() => undefined) : undefined;
  const folder = isHere ? await stat(engine.dataRoot).catch(() => undefined) : undefined;
  if (!free || !folder) return undefined;
  const known = await layersOfImages(engine);
  let neededBytes = 0;
  for (const [image, { diffIds }] of facts) {
    neededBytes += engineSpaceBytes(image, presentLayerCount(diffIds, known));
    // A layer that two images share is unpacked once.
    known.push(diffIds);
  }
  return { path: engine.dataRoot, neededBytes, freeBytes: free.bavail * free.bsize, device: folder.dev };
}
