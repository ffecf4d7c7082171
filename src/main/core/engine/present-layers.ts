import type { Engine } from './connect-engine.ts';
import { translateEngineError } from './translate-error.ts';

/** The layers (digests of their unpacked tars, lowest first) of every image that the engine has. */
export async function layersOfImages(engine: Engine): Promise<string[][]> {
  try {
    const images = await engine.docker.listImages({ all: true });
    const found = await Promise.all(
      images.map(({ Id }) =>
        engine.docker
          .getImage(Id)
          .inspect()
          .catch((thrown: { statusCode?: number }) => {
            // Someone may remove an image in the meantime.
            if (thrown.statusCode === 404) return undefined;
            throw thrown;
          }),
      ),
    );
    return found.map((one) => one?.RootFS?.Layers ?? []);
  } catch (thrown) {
    throw translateEngineError(thrown, { address: engine.address, doing: 'listing images' });
  }
}

/** Returns how many of an image's lowest layers some other image has, and so need not be sent. All by one kind of digest. */
export function presentLayerCount(layers: readonly string[], images: readonly (readonly string[])[]): number {
  return Math.max(0, ...images.map((other) => commonLength(layers, other)));
}

function commonLength(one: readonly string[], other: readonly string[]): number {
  const at = one.findIndex((id, index) => other[index] !== id);
  return at < 0 ? one.length : at;
}
