import type { Engine } from '../../src/main/core/engine/connect-engine.ts';
import { loadImage } from '../../src/main/core/import/images/load-image.ts';
import { quietWork } from '../../src/main/core/work.ts';
import { contentOf, smallImage } from './small-image.ts';

/** Puts a one-layer image of these files into the engine; gives its local ID. Remove it by its reference. */
export async function localImage(
  engine: Engine,
  reference: string,
  files: Record<string, Buffer>,
  config: Record<string, unknown>,
  platform?: { os: string; architecture: string },
): Promise<string> {
  const image = await smallImage([files], config, platform);
  const identity = { reference, manifestDigest: image.manifest.digest, configDigest: image.config.digest };
  return (await loadImage(engine, contentOf(image), identity, quietWork())).imageId;
}
