import { z } from 'zod';
import { maxContents } from '../../../../shared/bundle-spec.ts';
import { digest } from '../../../../shared/digest.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import { issueLines } from '../../../../shared/rpc/frames.ts';
import { type JsonLimits, parseJson } from '../../files/parse-json.ts';
import { maxAttached } from './attached.ts';

/** No honest manifest or index is larger; registries refuse beyond it too (OCI distribution specification 1.1, "Pushing manifests"). */
export const maxManifestBytes = 4 * 1024 * 1024;

/** Artifact type of a model in the CNCF ModelPack form, and the layer types that are files as they are. */
export const modelArtifactType = 'application/vnd.cncf.model.manifest.v1+json';
/** Matches the ModelPack layer types that hold one file as it is (`…weight.v1.raw`, `…weight.config.v1.raw`, `…doc.v1.raw`, …). */
export const rawModelLayer = /^application\/vnd\.cncf\.model\.[a-z.]+\.v1\.raw$/;
/** Where a model's layer belongs below the model's folder. */
export const modelPathAnnotation = 'org.cncf.model.filepath';
/** Marks the layer of the file that a server opens, the first part of a split model; the value is `true`. */
export const servedAnnotation = 'org.sealift.model.served';
/** Where a layer of a file artifact belongs below the folder of the files. Layers of a model have it too, for oras. */
export const titleAnnotation = 'org.opencontainers.image.title';
/** How an index names a manifest. */
export const refNameAnnotation = 'org.opencontainers.image.ref.name';

const mediaType = z.string().min(1).max(255);
const annotations = z.record(z.string().max(255), z.string().max(4096)).optional();
const urls = z.array(z.string().max(4096)).max(100).optional();
const descriptor = z.object({ mediaType, digest, size: z.int().nonnegative(), annotations, urls });

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

/** `index.json` of a medium's OCI image layout as far as it is used. */
export const ociIndex = z.object({
  schemaVersion: z.literal(2),
  manifests: z.array(descriptor.extend({ artifactType: mediaType.optional() })).max(maxContents * (1 + maxAttached)),
});

/** Room for 10,000 layers or an image's whole history; such documents are flat. */
const documentLimits: JsonLimits = { depth: 16, values: 500_000, hasUniqueNames: true };

/**
 * Parses JSON and drops members that are `null`: some writers state absent members that way. A `null` in a list becomes
 * undefined, which no schema accepts. A member that is named twice is refused: the engine may read the other one. Throws
 * `SyntaxError`, whose message is the problem.
 */
export function jsonWithoutNulls(bytes: Uint8Array): unknown {
  return withoutNulls(parseJson(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), documentLimits));
}

function withoutNulls(value: unknown): unknown {
  if (value === null) return undefined;
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => (member === null ? [] : [[name, withoutNulls(member)]])),
  );
}

/** Parses a document from a medium. Throws `bundle.content-mismatch`, which names the problem. */
export function parseOci<T>(bytes: Buffer, schema: z.ZodType<T>, what: string): T {
  let value: unknown;
  try {
    value = jsonWithoutNulls(bytes);
  } catch (error) {
    throw appError('bundle.content-mismatch', { what, problem: (error as Error).message }, (error as Error).cause);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw appError('bundle.content-mismatch', { what, problem: issueLines(result.error).join('; ') });
}
