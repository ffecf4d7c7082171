import type { Engine } from '../../src/main/core/engine/connect-engine.ts';
import { loadImage } from '../../src/main/core/import/load-image.ts';
import { quietWork } from '../../src/main/core/jobs/work.ts';
import { manifestType, smallImage } from './small-image.ts';

/** Puts a one-layer image of these files into the engine; gives its local ID. Remove it by its reference. */
export async function localImage(
  engine: Engine,
  reference: string,
  files: Record<string, Buffer>,
  config: Record<string, unknown>,
  platform?: { os: string; architecture: string },
): Promise<string> {
  const image = await smallImage([files], config, platform);
  const blobs = new Map([image.config, ...image.layers].map((blob) => [blob.digest, blob.bytes]));
  const content = {
    manifest: () => ({ bytes: image.manifest.bytes, mediaType: manifestType }),
    blob: (digest: string) => {
      const bytes = blobs.get(digest) ?? Buffer.alloc(0);
      return {
        sizeBytes: bytes.length,
        async *read() {
          yield bytes;
        },
      };
    },
  };
  const identity = { reference, manifestDigest: image.manifest.digest, configDigest: image.config.digest };
  return (await loadImage(engine, content, identity, quietWork())).imageId;
}
