import { z } from 'zod';
import type { ImageFileSpec } from '../../../../shared/bundle-spec.ts';
import { digestOf, hexDigest } from '../../../../shared/digest.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import { sha256Digest } from '../../files/sha256.ts';
import { canonicalJson } from '../../signing/canonical-json.ts';
import { compressionOf } from '../format/layer-compression.ts';
import { manifestMediaType } from '../format/oci-schemas.ts';
import { readDiffIds } from './check-layers.ts';
import { type BlobSource, type ContentSource, type FinishedContent, sourceText } from './content-source.ts';
import { type ImageFiles, readRange, readSmall } from './image-files.ts';
import { parseImageJson } from './image-json.ts';
import { pickByName } from './image-names.ts';
import { refuseOtherPlatform } from './image-platform.ts';
import { layerTypeOf, layerWarnings } from './layer-types.ts';

const configMediaType = 'application/vnd.oci.image.config.v1+json';

const entry = z.object({
  Config: z.string(),
  RepoTags: z.array(z.string()).optional(),
  Layers: z.array(z.string()).max(9999),
});
/** `manifest.json` of a docker-archive. */
export const archiveManifest = z.array(entry).min(1).max(1000);
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
    parseImageJson(files.root, archiveManifest, await readSmall(files, 'manifest.json'), 'manifest.json'),
  );
  const configBytes = await readSmall(files, chosen.Config);
  if (!configBytes) throw refuse(files, `the configuration ${chosen.Config} is missing`);
  const diffIds = readDiffIds(files.root, configBytes, chosen.Layers);
  refuseOtherPlatform(files.root, spec, configBytes);
  const layers: Layer[] = [];
  for (const [index, name] of chosen.Layers.entries()) layers.push(await openLayer(files, name, diffIds[index] ?? ''));
  return {
    kind: 'image',
    name: spec.reference,
    source: sourceText(`archive ${spec.path}`),
    ...(spec.licence && { licence: spec.licence }),
    isPublisherDigest: false,
    warnings: layerWarnings(spec.reference, layers),
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
  const [only, second] = pickByName(files.root, all, (one) => one.RepoTags ?? [], spec.reference);
  if (only && !second) return only;
  const found = all.map((one) => one.Config.slice(0, 19)).slice(0, 20);
  throw appError('pack.image-unclear', { path: files.root, wanted: spec.reference, found });
}

async function openLayer(files: ImageFiles, name: string, diffId: string): Promise<Layer> {
  const range = await files.find(name);
  if (!range) throw refuse(files, `the layer ${name} is missing`);
  const start = await readRange(range, 4);
  const isPacked = compressionOf(start) !== '';
  const known = isPacked ? digestInName(name) : diffId;
  const key = known ?? `tar ${range.path} ${range.offsetBytes}`;
  return {
    blob: { key, ...(known && { digest: known }), ...(isPacked && { diffId }), range },
    mediaType: layerTypeOf(start),
  };
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

function digestInName(name: string): string | undefined {
  const hex = hexDigest.safeParse(name.replace(/^blobs\/sha256\//, ''));
  return hex.success ? digestOf(hex.data) : undefined;
}

function refuse(files: ImageFiles, problem: string): Error {
  return appError('pack.image-incomplete', { path: files.root, problem });
}
