import { AppError } from '../../../../shared/errors/app-error.ts';
import { ownBlobs } from '../../bundle/format/attached.ts';
import type { SeenContent } from '../../bundle/read/read-blob.ts';
import type { SignedBundle } from '../../bundle/read/refuse-single.ts';
import type { StorePaths } from '../../store/store-paths.ts';
import { chooseEngine, isEngine, type NoEngine } from '../images/choose-engine.ts';
import { type ImagesPlan, planImages } from './plan-images.ts';
import type { ImageShare } from './plan-store.ts';

/** The images of a bundle: what an engine needs of them, why they are left out, or why it refuses them. Empty for a bundle without images. */
export interface ImagesChoice {
  plan?: ImagesPlan;
  leftOut?: NoEngine & { images: SeenContent[] };
  refusal?: AppError;
}

/**
 * Chooses an engine for a bundle's images and plans them. An `engine.*` error is returned as the `refusal`; throws when a
 * manifest contradicts the bundle.
 */
export async function chooseImages(
  open: SignedBundle,
  contents: readonly SeenContent[],
  paths: StorePaths,
  asked: string | undefined,
  signal: AbortSignal,
): Promise<ImagesChoice> {
  const images = contents.filter((one) => one.kind === 'image');
  if (images.length === 0) return {};
  try {
    const chosen = await chooseEngine(asked);
    if (!isEngine(chosen)) return { leftOut: { ...chosen, images } };
    return { plan: await planImages(chosen, open, images, paths, signal) };
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code.startsWith('engine.')) return { refusal: thrown };
    throw thrown;
  }
}

/**
 * Returns what goes into the store for the images: their manifests, and the blobs that go by way of it. Of an image whose manifest was not
 * seen yet, it keeps whatever the inserted media have.
 */
export function imageShare({ plan }: ImagesChoice): ImageShare {
  if (!plan) return { manifests: [], begun: [], kept: [] };
  const known = [...plan.present, ...plan.wanted];
  return {
    manifests: [
      ...known.map(({ manifestDigest, manifest }) => ({ digest: manifestDigest, sizeBytes: manifest.length })),
      ...plan.unseen.map((one) => one.manifest),
    ],
    begun: plan.ways.begun,
    kept: [...plan.ways.kept, ...plan.unseen.flatMap(({ blobs = [], attached }) => ownBlobs({ blobs, attached }))],
  };
}
