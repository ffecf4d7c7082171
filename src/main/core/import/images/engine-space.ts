import type { PlannedImage } from '../../bundle/read/planned-image.ts';
import type { Engine } from '../../engine/connect-engine.ts';
import { type FreeSpace, freeSpace } from '../../files/free-space.ts';

/** A gzip layer of programs unpacks to about 2.9 times its size (measured on ELF files); 3 leaves a little. */
const unpackedFactor = 3;
/** A plain layer is in the engine's folder twice for a while: as received, and unpacked. */
const plainFactor = 2;

/**
 * How much of the engine's filesystem an image takes at most, by its layers without the lowest `presentCount`: an estimate, since
 * a manifest does not say how large a compressed layer is when unpacked.
 */
export function unpackedBytes(image: PlannedImage, presentCount: number): number {
  return image.layers
    .slice(presentCount)
    .reduce((sum, layer) => sum + layer.sizeBytes * (layer.isCompressed ? unpackedFactor : plainFactor), 0);
}

/** An image that takes more than this is made to expand. `expectedBytes` is from `unpackedBytes`. */
export function honestBytes(expectedBytes: number): number {
  return 2 * expectedBytes;
}

/** Returns the filesystem of the engine's folder; undefined where that cannot be looked at from here: on another machine, or in a virtual one. */
export async function engineFilesystem({ address, dataRoot }: Engine): Promise<FreeSpace | undefined> {
  const isHere = !/^(tcp|https?):/.test(address);
  return isHere ? freeSpace(dataRoot).catch(() => undefined) : undefined;
}
