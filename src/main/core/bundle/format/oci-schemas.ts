import { z } from 'zod';
import { digest } from '../../../../shared/digest.ts';

/** The media type of a manifest that we make. */
export const manifestMediaType = 'application/vnd.oci.image.manifest.v1+json';

/** A descriptor of an OCI index or manifest, as far as packing needs it (https://github.com/opencontainers/image-spec). */
const descriptor = z.object({
  mediaType: z.string().max(200),
  digest,
  size: z.int().nonnegative(),
  artifactType: z.string().max(200).optional(),
  urls: z.array(z.string()).optional(),
  platform: z.object({ os: z.string(), architecture: z.string(), variant: z.string().optional() }).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});
/** An OCI index, also `index.json` of a layout. */
export const imageIndex = z.object({ manifests: z.array(descriptor).max(10_000) });
/** An OCI or Docker (version 2, schema 2) image manifest. */
export const imageManifest = z.object({
  mediaType: z.string().max(200).optional(),
  artifactType: z.string().max(200).optional(),
  config: descriptor,
  layers: z.array(descriptor).max(9999),
  subject: descriptor.optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});
export type Descriptor = z.infer<typeof descriptor>;
