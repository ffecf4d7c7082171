import { appError } from '../../../../shared/errors/app-error.ts';
import { leastZstdMajor } from '../../bundle/format/zstd-layers.ts';
import type { OpenBundle } from '../../bundle/read/open-media.ts';
import {
  type ImageFacts,
  type PlannedImage,
  readImageConfig,
  readPlannedImage,
} from '../../bundle/read/planned-image.ts';
import type { SeenContent } from '../../bundle/read/read-blob.ts';
import type { Engine } from '../../engine/connect-engine.ts';
import { expectedLocalId, storeKindOf } from '../../engine/image-identity.ts';
import { layersOfImages, presentLayerCount } from '../../engine/present-layers.ts';
import type { StorePaths } from '../../store/store-paths.ts';
import { engineFilesystem, unpackedBytes } from '../images/engine-space.ts';
import { type BlobAtHand, blobAtHand, imageAtHand, readSmallBlob } from '../images/image-blobs.ts';
import { isHollow, localId } from '../images/pull-image.ts';
import { manifestBytes } from './plan-store.ts';
import type { SpaceNeed } from './space-needs.ts';

/** The images of an import, by what the engine needs. */
export interface ImagesPlan {
  engine: Engine;
  /** Those that the engine already has under their name. */
  present: PlannedImage[];
  /** Those to bring. */
  wanted: PlannedImage[];
  /** Of those to bring, the ones that are complete on the present media or in the store, and where each of their blobs is. */
  complete: ReadonlyMap<PlannedImage, BlobAtHand[]>;
  /** Those whose manifest is on a missing medium, so that nothing is known about them yet. */
  unseen: SeenContent[];
  /** Upper bound of what the wanted ones take in the engine's folder; absent when that is not accessible or none are wanted. */
  space?: SpaceNeed;
}

/**
 * Finds out which images the engine needs, and refuses before anything is written: `engine.tag-taken` when another image has the
 * name, `engine.wrong-platform`, `engine.no-zstd`, and the problems of a manifest. Space is only returned: `preflight` refuses.
 */
export async function planImages(
  engine: Engine,
  open: OpenBundle,
  images: readonly SeenContent[],
  paths: StorePaths,
  signal: AbortSignal,
): Promise<ImagesPlan> {
  const complete = new Map<PlannedImage, BlobAtHand[]>();
  const plan: ImagesPlan = { engine, present: [], wanted: [], complete, unseen: [] };
  for (const content of images) {
    const bytes = await manifestBytes(open, paths, content.manifest, signal);
    if (!bytes) plan.unseen.push(content);
    else await planOne(plan, readPlannedImage(content, bytes));
  }
  for (const image of plan.wanted) {
    const blobs = await imageAtHand(image, open, paths);
    if (blobs) complete.set(image, blobs);
  }
  const facts = await readFacts(plan, open, paths, signal);
  const space = facts.size > 0 ? await engineSpace(engine, facts) : undefined;
  return { ...plan, ...(space && { space }) };
}

async function planOne(plan: ImagesPlan, image: PlannedImage): Promise<void> {
  const { reference } = image;
  const wanted = expectedLocalId(image, storeKindOf(plan.engine.info));
  const found = await localId(plan.engine, reference);
  if (found !== undefined && found !== wanted) throw appError('engine.tag-taken', { reference, found, wanted });
  if (found !== undefined && !(await isHollow(plan.engine, found))) plan.present.push(image);
  else {
    refuseOldEngine(plan.engine, image);
    plan.wanted.push(image);
  }
}

/** Throws `engine.no-zstd` for zstd layers and a Docker that fails in the middle of them. An unknown version passes. */
export function refuseOldEngine(engine: Pick<Engine, 'version' | 'isPodman'>, image: PlannedImage): void {
  const { version, isPodman } = engine;
  const isOld = !isPodman && Number.parseInt(version, 10) < leastZstdMajor;
  if (!isOld || !image.layers.some((layer) => layer.isZstd)) return;
  throw appError('engine.no-zstd', { reference: image.reference, version, least: leastZstdMajor });
}

/** Reads the available configurations; one for another platform is refused. */
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

async function engineSpace(engine: Engine, facts: Map<PlannedImage, ImageFacts>): Promise<SpaceNeed | undefined> {
  const filesystem = await engineFilesystem(engine);
  if (!filesystem) return undefined;
  const known = await layersOfImages(engine);
  let contentBytes = 0;
  for (const [image, { diffIds }] of facts) {
    contentBytes += unpackedBytes(image, presentLayerCount(diffIds, known));
    // A layer that two images share is unpacked once.
    known.push(diffIds);
  }
  return { path: engine.dataRoot, contentBytes, filesystem };
}
