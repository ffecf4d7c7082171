import { hexOf } from '../../../../shared/digest.ts';
import { maxManifestBytes, ociManifest, parseOci } from '../../bundle/format/oci-documents.ts';
import type { PlannedImage } from '../../bundle/read/planned-image.ts';
import type { Engine } from '../../engine/connect-engine.ts';
import { storeKindOf } from '../../engine/image-identity.ts';
import { layersOfImages, presentLayerCount } from '../../engine/present-layers.ts';
import { translateEngineError } from '../../engine/translate-error.ts';
import { readBounded } from '../../files/read-bounded.ts';
import type { StorePaths } from '../../store/store-paths.ts';

/** The layers that an engine certainly has, so that an image can be brought without them. */
export interface EngineLayers {
  /** Returns those of an image, by digest. `diffIds`: its layers unpacked, lowest first. */
  of(image: PlannedImage, diffIds: readonly string[]): Set<string>;
}

/**
 * Finds out which layers an engine certainly has. With graph drivers: the lowest of an image, as far as another one unpacks to the same.
 * In the containerd store: those of images that it has as they came, by the manifests that imports keep in the store; Docker tells
 * that from API 1.47 on. Podman takes no image without all its layers, so there it is none.
 */
export async function engineLayers(engine: Engine, paths: StorePaths): Promise<EngineLayers> {
  if (engine.isPodman) return { of: () => new Set() };
  if (storeKindOf(engine.info) === 'containerd') {
    const blobs = await availableLayers(engine, paths);
    return { of: ({ layers }) => new Set(layers.map(({ digest }) => digest).filter((digest) => blobs.has(digest))) };
  }
  const known = await layersOfImages(engine);
  return {
    of: ({ layers }, diffIds) => {
      const count = presentLayerCount(diffIds, known);
      const above = new Set(layers.slice(count).map(({ digest }) => digest));
      return new Set(
        layers
          .slice(0, count)
          .map(({ digest }) => digest)
          .filter((digest) => !above.has(digest)),
      );
    },
  };
}

/** Returns the digests of the manifests whose content a containerd store has complete, as it came. */
export async function availableManifests(engine: Engine): Promise<Set<string>> {
  const images = await engine.docker.listImages({ all: true, manifests: true }).catch((thrown) => {
    throw translateEngineError(thrown, { address: engine.address, doing: 'listing images' });
  });
  const manifests = images.flatMap(({ Manifests = [] }) => Manifests ?? []);
  return new Set(manifests.filter((one) => one.Available && one.Kind === 'image').map((one) => one.Descriptor.digest));
}

async function availableLayers(engine: Engine, paths: StorePaths): Promise<Set<string>> {
  const found = new Set<string>();
  for (const digest of await availableManifests(engine)) {
    const bytes = await readBounded(paths.blob(hexOf(digest)), maxManifestBytes);
    if (!bytes) continue;
    for (const layer of parseOci(bytes, ociManifest, `The manifest ${digest}`).layers) found.add(layer.digest);
  }
  return found;
}
