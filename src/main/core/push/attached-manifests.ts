import { z } from 'zod';
import { digest } from '../../../shared/digest.ts';
import type { BundleContent } from '../bundle/format/format.ts';
import { ociManifest, parseOci } from '../bundle/format/oci-documents.ts';
import type { OpenBundle } from '../bundle/read/open-media.ts';
import { blobAtHand, readSmallBlob } from '../import/images/image-blobs.ts';
import type { StorePaths } from '../store/store-paths.ts';
import type { SourceBlob } from './source-blob.ts';

/** A manifest that is attached to an image: a signature, an SBOM, an attestation. Without `bytes`, it is on a medium that is not inserted. */
export interface AttachedManifest {
  digest: string;
  /** What people call it. */
  what: string;
  mediaType: string;
  artifactType?: string | undefined;
  tag?: string | undefined;
  bytes?: Uint8Array;
  /** The digest that it is about, if it says so. */
  subject?: string;
}

const referrer = ociManifest.extend({ subject: z.object({ digest }).optional() });

/** Reads what is attached to an image. The blobs are those of all manifests whose medium is inserted. Throws what damage throws. */
export async function readAttached(
  { attached = [], blobs, name }: Pick<BundleContent, 'attached' | 'blobs' | 'name'>,
  open: Pick<OpenBundle, 'partsOf'>,
  paths: StorePaths,
  signal: AbortSignal,
): Promise<{ manifests: AttachedManifest[]; blobs: SourceBlob[] }> {
  const sizes = new Map(blobs.map((blob) => [blob.digest, blob.sizeBytes]));
  const manifests: AttachedManifest[] = [];
  const found: SourceBlob[] = [];
  for (const facts of attached) {
    const at = await blobAtHand({ digest: facts.digest, sizeBytes: sizes.get(facts.digest) ?? 0 }, open, paths);
    const bytes = at && (await readSmallBlob(at, signal));
    const read = bytes && parseOci(bytes, referrer, `The ${facts.what} of ${name}`);
    const subject = read?.subject?.digest;
    manifests.push({ ...facts, ...(bytes && { bytes }), ...(subject !== undefined && { subject }) });
    for (const { digest, size: sizeBytes } of read ? [read.config, ...read.layers] : [])
      found.push({ digest, sizeBytes, at: await blobAtHand({ digest, sizeBytes }, open, paths) });
  }
  return { manifests, blobs: found };
}
