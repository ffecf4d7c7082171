import { heldWords } from '../../../../shared/bundle-evidence.ts';
import { digestOf } from '../../../../shared/digest.ts';
import { type AppError, appError } from '../../../../shared/errors/app-error.ts';
import type { OpenBundle } from '../../bundle/read/open-media.ts';
import type { ImagesPlan } from './plan-images.ts';
import type { StorePlan } from './plan-store.ts';

/** A content of which the packing side left out blobs that are not here. */
export interface Lacking {
  kind: 'image' | 'model' | 'files';
  name: string;
  blobs: number;
  bytes: number;
}

/**
 * Returns the refusal of a bundle that carries only what its base lacks, when some of the rest is not here: files that are not in the
 * store, and layers that the engine does not certainly have. Without the head, nothing is known about it yet.
 */
export function lackingBase(
  { head, leftOut }: Pick<OpenBundle, 'head' | 'leftOut'>,
  plan: Pick<StorePlan, 'contents' | 'unknownBlobs'>,
  images: ImagesPlan | undefined,
): AppError | undefined {
  const base = head?.payload.base;
  if (!base) return undefined;
  const unknown = new Set(plan.unknownBlobs.map(digestOf).filter((digest) => leftOut.has(digest)));
  const ofStore = plan.contents.map(({ kind, name, blobs }) => {
    return lackingOf(
      kind,
      name,
      blobs.filter(({ digest }) => unknown.has(digest)),
    );
  });
  const ofEngine = (images?.ways.lacking ?? []).map(({ reference, blobs }) => lackingOf('image', reference, blobs));
  const missing = [...ofStore, ...ofEngine].filter((one) => one.blobs > 0);
  if (missing.length === 0) return undefined;
  return appError('import.base-missing', {
    base: heldWords(base),
    baseKind: base.kind,
    missing: missing.slice(0, 20),
    missingCount: missing.length,
    ...(ofEngine.some((one) => one.blobs > 0) && images?.engine.isPodman && { isPodman: true }),
  });
}

function lackingOf(kind: Lacking['kind'], name: string, blobs: readonly { sizeBytes: number }[]): Lacking {
  return { kind, name, blobs: blobs.length, bytes: blobs.reduce((sum, blob) => sum + blob.sizeBytes, 0) };
}
