import { z } from 'zod';
import { appError } from '../../../shared/errors/app-error.ts';
import { issueLines } from '../../../shared/rpc/frames.ts';
import { digest } from './format.ts';

/** No honest manifest or index is larger; registries refuse beyond it too (OCI distribution specification 1.1, "Pushing manifests"). */
export const maxManifestBytes = 4 * 1024 * 1024;

/** Artifact type of a model in the CNCF ModelPack form, and the layer types that are files as they are. */
export const modelArtifactType = 'application/vnd.cncf.model.manifest.v1+json';
/** Matches the ModelPack layer types that hold one file as it is (`…weight.v1.raw`, `…weight.config.v1.raw`, `…doc.v1.raw`, …). */
export const rawModelLayer = /^application\/vnd\.cncf\.model\.[a-z.]+\.v1\.raw$/;
/** Where a model's layer belongs below the model's folder. */
export const modelPathAnnotation = 'org.cncf.model.filepath';
/** The same for the layers of a file artifact. */
export const titleAnnotation = 'org.opencontainers.image.title';
/** How an index names a manifest. */
export const refNameAnnotation = 'org.opencontainers.image.ref.name';

const mediaType = z.string().min(1).max(255);
const annotations = z.record(z.string().max(255), z.string().max(4096)).optional();
const descriptor = z.object({ mediaType, digest, size: z.int().nonnegative(), annotations });

/** An OCI image manifest as far as it is used; unknown members are allowed, as the specification demands. */
export const ociManifest = z.object({
  schemaVersion: z.literal(2),
  mediaType: mediaType.optional(),
  artifactType: mediaType.optional(),
  config: descriptor,
  layers: z.array(descriptor).max(10_000),
  annotations,
});
export type OciManifest = z.infer<typeof ociManifest>;

/** `index.json` of an OCI image layout as far as it is used. */
export const ociIndex = z.object({
  schemaVersion: z.literal(2),
  manifests: z.array(descriptor.extend({ artifactType: mediaType.optional() })).max(10_000),
});

/** Parses a document that came from a medium; `bundle.content-mismatch` names what is wrong with it. */
export function parseOci<T>(bytes: Buffer, schema: z.ZodType<T>, what: string): T {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString());
  } catch (error) {
    throw appError('bundle.content-mismatch', { what, problem: 'it is not JSON' }, error);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw appError('bundle.content-mismatch', { what, problem: issueLines(result.error).join('; ') });
}
