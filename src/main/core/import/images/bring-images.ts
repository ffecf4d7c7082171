import { randomUUID } from 'node:crypto';
import { AppError, appError, toAppError } from '../../../../shared/errors/app-error.ts';
import { type PlannedImage, readImageConfig } from '../../bundle/read/planned-image.ts';
import { connectEngine, type Engine } from '../../engine/connect-engine.ts';
import { storeKindOf } from '../../engine/image-identity.ts';
import { layersOfImages, presentLayerCount } from '../../engine/present-layers.ts';
import type { EngineLine } from '../../engine/read-answer.ts';
import { quietWork, type Work } from '../../work.ts';
import { WrittenBytes } from '../weights/written-bytes.ts';
import { type Checkpoint, checkpointsOf, removeCheckpoints } from './checkpoints.ts';
import { unpackedBytes } from './engine-space.ts';
import { type BlobAtHand, readSmallBlob, registryBlob } from './image-blobs.ts';
import { loadImage } from './load-image.ts';
import { dropUnfinished, isHollow } from './local-image.ts';
import {
  countedBytes,
  type LoopbackRegistry,
  type RegistryContent,
  startLoopbackRegistry,
} from './loopback-registry.ts';
import { measured } from './measure-layers.ts';
import { type PulledImage, pullImage } from './pull-image.ts';
import { type Beside, type Unpacking, whileWatched } from './watch-engine.ts';

/** The job of the worker thread. */
export interface BringPlan {
  /** The engine's address. */
  engine: string;
  /** `blobs` is empty for an image that the engine has under its name. `relied`: layers that the engine has, and the media do not. */
  images: { image: PlannedImage; blobs: BlobAtHand[]; relied?: Set<string> }[];
  /** The filesystem of the store, and the count of what is written to it meanwhile. */
  store?: { device: number; written: SharedArrayBuffer };
}

/** Progress: bytes sent to the engine, or what the engine is doing with an image. */
export type BringEvent = { type: 'sent'; bytes: number; item: string } | { type: 'doing'; item: string };

/** How an image was brought: pulled from the loopback registry, loaded as an archive, or already present. */
export interface BroughtImage {
  reference: string;
  imageId: string;
  digest: string;
  path: 'registry' | 'load' | 'present';
}

/** The images that are in the engine now. */
export interface BroughtImages {
  images: BroughtImage[];
  /** Read from media. */
  bytesRead: number;
  /** Sent to the engine. */
  bytesSent: number;
}

interface Bringing {
  engine: Engine;
  registry: LoopbackRegistry;
  content: ImagesContent;
  work: Work;
  tell: (event: BringEvent) => void;
  beside: Beside | undefined;
  /** True when the engine was found not to reach the registry: one elsewhere, or one that wants TLS, as Podman usually does. */
  isUnreachable: boolean;
}

/**
 * Brings images into an engine one after another: it pulls them from a registry on this machine's loopback or, where it cannot
 * reach that or pulls an image without its content, loads archives made on the fly. In the next run an interrupted image resumes at its last
 * checkpoint, where the engine has graph drivers. A refused one leaves nothing in the engine.
 */
export async function bringImages(
  plan: BringPlan,
  signal: AbortSignal,
  tell: (event: BringEvent) => void,
): Promise<BroughtImages> {
  const totals: BroughtImages = { images: [], bytesRead: 0, bytesSent: 0 };
  const connecting = connectEngine(plan.engine);
  connecting.catch(() => undefined);
  const content = new ImagesContent(plan.images, (bytes) => {
    totals.bytesRead += bytes;
  });
  let item = '';
  const onBytes = (bytes: number) => {
    totals.bytesSent += bytes;
    tell({ type: 'sent', bytes, item });
  };
  const registry = await startLoopbackRegistry(content, { onBytes, newRef: randomUUID });
  const beside = plan.store && { device: plan.store.device, written: new WrittenBytes(plan.store.written) };
  const work = quietWork(signal);
  try {
    const engine = await connecting;
    const bringing: Bringing = { engine, registry, content, work, tell, beside, isUnreachable: false };
    for (const { image, blobs, relied } of plan.images) {
      signal.throwIfAborted();
      item = image.reference;
      totals.images.push(await bringOne(image, { blobs, relied }, bringing, onBytes));
    }
  } finally {
    await registry.close();
  }
  return totals;
}

async function bringOne(
  image: PlannedImage,
  { blobs, relied }: Pick<BringPlan['images'][number], 'blobs'> & { relied: Set<string> | undefined },
  bringing: Bringing,
  onBytes: (bytes: number) => void,
): Promise<BroughtImage> {
  const { engine, content, work } = bringing;
  try {
    const parts = { ...(await partsOf(engine, image, blobs, work.signal)), relied };
    for (const one of parts.checkpoints) content.add(one, image.mediaType);
    // containerd asks the addresses of a manifest before the registry: such an image is only loaded. So is one of which Docker with graph
    // drivers has layers, since it may ask for them in a pull: it forgets the digest of a layer that was loaded.
    const isGraph = storeKindOf(engine.info) === 'graph-driver';
    const isPullable = !bringing.isUnreachable && !image.hasUrls && !(relied && isGraph);
    const pulled = isPullable ? await pullOne(image, parts, bringing) : undefined;
    bringing.isUnreachable ||= isPullable && pulled === undefined;
    const isPulled = pulled && !(await isHollow(engine, pulled.imageId));
    const brought = isPulled ? pulled : await loadOne(image, parts, bringing, onBytes);
    await removeCheckpoints(engine, image.manifestDigest);
    return rowOf(image, brought, isPulled ? 'registry' : 'load');
  } catch (thrown) {
    if (!canGoOn(thrown, work.signal)) await removeCheckpoints(engine, image.manifestDigest);
    // An engine that is gone has its own trouble.
    await dropUnfinished(engine, image).catch(() => undefined);
    throw relied ? reliedError(thrown, image, relied) : thrown;
  }
}

/** Without layers that the engine no longer has, an archive can't be written, and a pull or a load is refused. */
function reliedError(thrown: unknown, { reference }: PlannedImage, relied: ReadonlySet<string>): unknown {
  if (!(thrown instanceof AppError) || !['engine.refused', 'input.invalid'].includes(thrown.code)) return thrown;
  return appError('import.relied-layers', { reference, layers: relied.size, reason: thrown.message }, thrown);
}

function rowOf(image: PlannedImage, brought: PulledImage, path: 'registry' | 'load'): BroughtImage {
  const { reference, manifestDigest } = image;
  return { reference, imageId: brought.imageId, digest: manifestDigest, path: brought.wasThere ? 'present' : path };
}

/** After these errors the next run can use what the engine has: the image itself is good. */
function canGoOn(thrown: unknown, signal: AbortSignal): boolean {
  if (signal.aborted) return true;
  const { code } = toAppError(thrown, randomUUID);
  return ['engine.gone', 'engine.absent', 'engine.silent', 'engine.full', 'medium.gone'].includes(code);
}

function pullOne(
  image: PlannedImage,
  parts: ImageParts,
  { engine, registry, work, tell, beside }: Bringing,
): Promise<PulledImage | undefined> {
  let status = 'waiting for the engine';
  const onLine = (line: EngineLine) => {
    status = line.status?.slice(0, 60) ?? status;
  };
  const alongside = parts.checkpoints.map((one) => one.manifestDigest);
  const say = (words: string) => tell({ type: 'doing', item: `${image.reference}: ${status}, ${words}` });
  return whileWatched(engine, unpacking(image, parts, 'pull'), { signal: work.signal, say, beside }, (signal) =>
    pullImage(engine, registry, image, { ...work, signal }, { alongside, onLine }),
  );
}

async function loadOne(
  image: PlannedImage,
  parts: ImageParts,
  { engine, content, work, tell, beside }: Bringing,
  onBytes: (bytes: number) => void,
): Promise<PulledImage> {
  const say = (words: string) => tell({ type: 'doing', item: `${image.reference}: loading, ${words}` });
  const sent = await measured(engine, image, counted(content, onBytes));
  return whileWatched(engine, unpacking(image, parts, 'load'), { signal: work.signal, say, beside }, (signal) =>
    loadImage(engine, sent, image, { ...work, signal }, parts),
  );
}

function unpacking(image: PlannedImage, { presentCount }: ImageParts, by: Unpacking['by']): Unpacking {
  return { image, expectedBytes: unpackedBytes(image, presentCount), by };
}

/** The layers of an image that the engine has, and the checkpoints above them. */
interface ImageParts {
  presentCount: number;
  checkpoints: Checkpoint[];
  /** Layers that the engine has, and the media do not. */
  relied?: Set<string> | undefined;
}

/**
 * Only for Docker with graph drivers. The containerd store keeps no layer of an interrupted pull, and Podman wants every layer in an
 * archive: the next run sends all again.
 */
async function partsOf(
  engine: Engine,
  image: PlannedImage,
  blobs: BlobAtHand[],
  signal: AbortSignal,
): Promise<ImageParts> {
  const config = blobs.find((blob) => blob.digest === image.configDigest);
  if (!config || engine.isPodman || storeKindOf(engine.info) !== 'graph-driver')
    return { presentCount: 0, checkpoints: [] };
  const facts = readImageConfig(image, await readSmallBlob(config, signal));
  const presentCount = presentLayerCount(facts.diffIds, await layersOfImages(engine));
  return { presentCount, checkpoints: checkpointsOf(image, facts, presentCount) };
}

/** The images that the registry serves. */
class ImagesContent implements RegistryContent {
  readonly #manifests = new Map<string, { bytes: Buffer; mediaType: string }>();
  readonly #blobs = new Map<string, ReturnType<typeof registryBlob>>();

  constructor(images: BringPlan['images'], onRead: (bytes: number) => void) {
    for (const { image, blobs } of images) {
      const bytes = Buffer.from(image.manifest);
      this.#manifests.set(image.manifestDigest, { bytes, mediaType: image.mediaType });
      for (const blob of blobs) this.#blobs.set(blob.digest, registryBlob(blob, onRead));
    }
  }

  add(checkpoint: Checkpoint, mediaType: string): void {
    const { manifest, manifestDigest, config, configDigest } = checkpoint;
    this.#manifests.set(manifestDigest, { bytes: manifest, mediaType });
    this.#blobs.set(configDigest, { sizeBytes: config.length, read: () => oneChunk(config) });
  }

  manifest(digest: string) {
    return this.#manifests.get(digest);
  }

  blob(digest: string) {
    return this.#blobs.get(digest);
  }
}

function counted(content: RegistryContent, onBytes: (bytes: number) => void): RegistryContent {
  return {
    manifest: (digest) => content.manifest(digest),
    blob: (digest) => {
      const blob = content.blob(digest);
      return blob && { sizeBytes: blob.sizeBytes, read: (signal) => countedBytes(blob.read(signal), onBytes) };
    },
  };
}

async function* oneChunk(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}
