import type { ImageFacts, PlannedImage } from '../../bundle/read/planned-image.ts';
import type { Engine } from '../../engine/connect-engine.ts';
import { sha256Digest } from '../../files/sha256.ts';
import { canonicalJson } from '../../signing/canonical-json.ts';

/** The lowest layers of an image as an image of its own. Digests are `sha256:` and 64 hex digits. */
export interface Checkpoint {
  layerCount: number;
  manifestDigest: string;
  manifest: Buffer;
  configDigest: string;
  config: Buffer;
}

/** Marks a checkpoint in the engine; its value is the manifest digest of the image that it belongs to. */
const checkpointLabel = 'app.sealift.import';
/** Sending less than this again costs less than keeping it. */
const leastBytes = 4 * 1024 * 1024;

/**
 * Checkpoints of an image above its `presentCount` lowest layers. An engine with graph drivers drops the layers of a pull that ends
 * early (seen on dockerd 20.10), unless an image uses them. Checkpoints, pulled with the whole image or loaded before it, do.
 */
export function checkpointsOf(image: PlannedImage, facts: ImageFacts, presentCount: number): Checkpoint[] {
  const found: Checkpoint[] = [];
  let bytes = 0;
  for (const [index, layer] of image.layers.slice(0, -1).entries()) {
    if (index < presentCount) continue;
    bytes += layer.sizeBytes;
    if (bytes < leastBytes) continue;
    bytes = 0;
    found.push(checkpoint(image, facts, index + 1));
  }
  return found;
}

function checkpoint(image: PlannedImage, { platform, diffIds }: ImageFacts, layerCount: number): Checkpoint {
  const [os, architecture] = platform.split('/');
  const config = Buffer.from(
    canonicalJson({
      os,
      architecture,
      config: { Labels: { [checkpointLabel]: image.manifestDigest } },
      rootfs: { type: 'layers', diff_ids: diffIds.slice(0, layerCount) },
    }),
  );
  const whole = JSON.parse(Buffer.from(image.manifest).toString());
  const manifest = Buffer.from(
    canonicalJson({
      schemaVersion: 2,
      mediaType: image.mediaType,
      config: { mediaType: whole.config.mediaType, digest: sha256Digest(config), size: config.length },
      layers: whole.layers.slice(0, layerCount),
    }),
  );
  return {
    layerCount,
    manifestDigest: sha256Digest(manifest),
    manifest,
    configDigest: sha256Digest(config),
    config,
  };
}

/** Removes an image's checkpoints from the engine, also those of earlier runs; layers that another image has stay. */
export async function removeCheckpoints(engine: Engine, manifestDigest: string): Promise<void> {
  const filters = { label: [`${checkpointLabel}=${manifestDigest}`] };
  const images = await engine.docker.listImages({ all: true, filters }).catch(() => []);
  for (const { Id, RepoTags } of images) {
    if (RepoTags?.some((tag) => !tag.startsWith('<none>'))) continue;
    await engine.docker
      .getImage(Id)
      .remove({ force: true })
      .catch(() => undefined);
  }
}
