import { z } from 'zod';
import type { ImageFileSpec } from '../../../shared/bundle-spec.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import { canonicalJson } from './canonical-json.ts';
import { sha256Hex } from './format.ts';
import type { BlobSource, ContentSource, FinishedContent } from './source-content.ts';
import { type ImageFiles, readRange, readSmall } from './source-image-files.ts';
import { manifestMediaType, sha256Digest } from './source-oci-schemas.ts';
import { isSameReference, refuseOtherPlatform } from './source-platform.ts';

const configMediaType = 'application/vnd.oci.image.config.v1+json';
const layerMediaType = 'application/vnd.oci.image.layer.v1.tar';

const entry = z.object({
  Config: z.string(),
  RepoTags: z.array(z.string()).nullish(),
  Layers: z.array(z.string()).max(9999),
});
/** `manifest.json` of a docker-archive. */
export const archiveManifest = z.array(entry).min(1).max(1000);
/** An image's configuration as far as a docker-archive needs it. */
export const archiveConfig = z.object({
  rootfs: z.object({ diff_ids: z.array(z.string().regex(/^sha256:[0-9a-f]{64}$/)) }),
});

/** A layer as a manifest of ours names it. */
export interface ArchiveLayer {
  mediaType: string;
  digest: string;
  size: number;
}

interface Layer {
  blob: BlobSource;
  mediaType: string;
}

/** Opens an image of a docker-archive (`docker save`, classic form): its layers as they are, under an OCI manifest of ours. */
export async function openDockerArchive(files: ImageFiles, spec: ImageFileSpec): Promise<ContentSource> {
  const chosen = pickEntry(
    files,
    spec,
    parse(files, archiveManifest, await readSmall(files, 'manifest.json'), 'manifest.json'),
  );
  const configBytes = await readSmall(files, chosen.Config);
  const { diff_ids: diffIds } = parse(files, archiveConfig, configBytes, `configuration ${chosen.Config}`).rootfs;
  if (!configBytes || diffIds.length !== chosen.Layers.length) {
    throw refuse(files, `its configuration has ${diffIds.length} layers and its manifest ${chosen.Layers.length}`);
  }
  refuseOtherPlatform(files.root, spec, configBytes);
  const layers: Layer[] = [];
  for (const [index, name] of chosen.Layers.entries()) layers.push(await openLayer(files, name, diffIds[index] ?? ''));
  return {
    kind: 'image',
    name: spec.reference,
    source: `archive ${spec.path}`.slice(0, 500),
    ...(spec.licence && { licence: spec.licence }),
    isPublisherDigest: false,
    blobs: layers.map((layer) => layer.blob),
    roots: [files.root],
    madeBytes: configBytes.length + 4096 + layers.length * 512,
    finish: (digestOf) =>
      finishArchive(
        configBytes,
        layers.map(({ blob, mediaType }) => {
          return { mediaType, digest: digestOf(blob.key), size: blob.range.sizeBytes };
        }),
      ),
  };
}

function pickEntry(
  files: ImageFiles,
  spec: ImageFileSpec,
  all: z.infer<typeof archiveManifest>,
): z.infer<typeof entry> {
  const named = all.filter((one) => one.RepoTags?.some((tag) => isSameReference(tag, spec.reference)));
  const [only, second] = named.length > 0 ? named : all;
  if (only && !second) return only;
  const found = all.flatMap((one) => one.RepoTags ?? [one.Config.slice(0, 19)]).slice(0, 20);
  throw appError('pack.image-unclear', { path: files.root, wanted: spec.reference, found });
}

async function openLayer(files: ImageFiles, name: string, diffId: string): Promise<Layer> {
  const range = await files.find(name);
  if (!range) throw refuse(files, `the layer ${name} is missing`);
  const compression = compressionOf(await readRange(range, 4));
  const known = compression === '' ? diffId : digestInName(name);
  const key = known ?? `tar ${range.path} ${range.offsetBytes}`;
  return { blob: { key, ...(known && { digest: known }), range }, mediaType: layerMediaType + compression };
}

/** A manifest of ours around a configuration and layers as they are. */
export function finishArchive(configBytes: Buffer, layerBlobs: ArchiveLayer[]): FinishedContent {
  const configBlob = { mediaType: configMediaType, digest: sha256Digest(configBytes), size: configBytes.length };
  const manifest = { schemaVersion: 2, mediaType: manifestMediaType, config: configBlob, layers: layerBlobs };
  return {
    made: [configBytes],
    manifest: Buffer.from(canonicalJson(manifest)),
    mediaType: manifestMediaType,
    blobs: [configBlob, ...layerBlobs].map(({ digest, size }) => ({ digest, sizeBytes: size })),
  };
}

/** The media type of a layer, by its first four bytes. */
export function layerTypeOf(start: Buffer): string {
  return layerMediaType + compressionOf(start);
}

function compressionOf(start: Buffer): '' | '+gzip' | '+zstd' {
  if (start[0] === 0x1f && start[1] === 0x8b) return '+gzip';
  return start.toString('hex') === '28b52ffd' ? '+zstd' : '';
}

function digestInName(name: string): string | undefined {
  const hex = sha256Hex.safeParse(name.replace(/^blobs\/sha256\//, ''));
  return hex.success ? `sha256:${hex.data}` : undefined;
}

function parse<T>(files: ImageFiles, schema: z.ZodType<T>, bytes: Buffer | undefined, what: string): T {
  try {
    return schema.parse(JSON.parse((bytes ?? Buffer.alloc(0)).toString('utf8')));
  } catch (error) {
    throw appError('pack.not-an-image', { path: files.root, reason: `its ${what} is missing or not valid` }, error);
  }
}

function refuse(files: ImageFiles, reason: string): Error {
  return appError('pack.not-an-image', { path: files.root, reason });
}
