import { appError } from '../../../../shared/errors/app-error.ts';
import { leastZstdMajor } from '../../bundle/format/zstd-layers.ts';
import {
  type ImageFacts,
  type PlannedImage,
  readImageConfig,
  readPlannedImage,
} from '../../bundle/read/planned-image.ts';
import type { SeenContent } from '../../bundle/read/read-blob.ts';
import type { SignedBundle } from '../../bundle/read/refuse-single.ts';
import type { Engine } from '../../engine/connect-engine.ts';
import { expectedLocalId, storeKindOf } from '../../engine/image-identity.ts';
import { layersOfImages, presentLayerCount } from '../../engine/present-layers.ts';
import type { StorePaths } from '../../store/store-paths.ts';
import { engineLayers } from '../images/engine-layers.ts';
import { engineFilesystem, unpackedBytes } from '../images/engine-space.ts';
import { type BlobAtHand, blobAtHand, readSmallBlob } from '../images/image-blobs.ts';
import { isWhole, localId } from '../images/local-image.ts';
import { type ImageWays, imageWays } from './image-ways.ts';
import { manifestBytes } from './plan-store.ts';
import type { SpaceNeed } from './space-needs.ts';

/** The images of an import, by what the engine needs. */
export interface ImagesPlan {
  engine: Engine;
  /** Those that the engine already has under their name. */
  present: PlannedImage[];
  /** Those to bring. */
  wanted: PlannedImage[];
  /** How the blobs of those to bring get into the engine. */
  ways: ImageWays;
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
  open: SignedBundle,
  images: readonly SeenContent[],
  paths: StorePaths,
  signal: AbortSignal,
): Promise<ImagesPlan> {
  const found: FoundImages = { engine, present: [], wanted: [], unseen: [] };
  for (const content of images) {
    const bytes = await manifestBytes(open, paths, content.manifest, signal);
    if (!bytes) found.unseen.push(content);
    else await planOne(found, readPlannedImage(content, bytes));
  }
  const facts = await readFacts(found, open, paths, signal);
  const relied = await reliedOn(engine, facts, open, paths);
  const ways = await imageWays(found.wanted, open, paths, relied);
  const space = facts.size > 0 ? await engineSpace(engine, facts) : undefined;
  return { ...found, ways, ...(space && { space }) };
}

type FoundImages = Omit<ImagesPlan, 'ways' | 'space'>;

async function planOne(plan: FoundImages, image: PlannedImage): Promise<void> {
  const { reference } = image;
  const wanted = expectedLocalId(image, storeKindOf(plan.engine.info));
  const found = await localId(plan.engine, reference);
  if (found !== undefined && found !== wanted) throw appError('engine.tag-taken', { reference, found, wanted });
  if (await isWhole(plan.engine, reference)) plan.present.push(image);
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
  { engine, wanted }: FoundImages,
  open: SignedBundle,
  paths: StorePaths,
  signal: AbortSignal,
): Promise<Map<PlannedImage, ImageFacts>> {
  const facts = new Map<PlannedImage, ImageFacts>();
  for (const image of wanted) {
    const config = await blobAtHand({ digest: image.configDigest, sizeBytes: image.configBytes }, open, paths);
    if (config) facts.set(image, await checkedFacts(engine, image, config, signal));
  }
  return facts;
}

/** Of each image whose configuration is known, the layers that were left out and that the engine certainly has. */
async function reliedOn(
  engine: Engine,
  facts: Map<PlannedImage, ImageFacts>,
  { leftOut }: SignedBundle,
  paths: StorePaths,
): Promise<Map<PlannedImage, Set<string>>> {
  const relied = new Map<PlannedImage, Set<string>>();
  if (leftOut.size === 0) return relied;
  const layers = await engineLayers(engine, paths);
  for (const [image, { diffIds }] of facts) {
    relied.set(image, new Set([...layers.of(image, diffIds)].filter((digest) => leftOut.has(digest))));
  }
  return relied;
}

/** Reads an image's configuration. Throws `engine.wrong-platform`, and what `readImageConfig` throws. */
export async function checkedFacts(
  engine: Pick<Engine, 'platform'>,
  image: PlannedImage,
  config: BlobAtHand,
  signal: AbortSignal,
): Promise<ImageFacts> {
  const facts = readImageConfig(image, await readSmallBlob(config, signal));
  if (facts.platform === engine.platform) return facts;
  const { reference } = image;
  throw appError('engine.wrong-platform', { reference, image: facts.platform, engine: engine.platform });
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
