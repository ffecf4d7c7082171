import type { ImageFileSpec } from '../../../../shared/bundle-spec.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import { sha256Digest } from '../../files/sha256.ts';
import type { ByteRange } from '../../files/source-folder.ts';
import { type Descriptor, imageIndex, imageManifest } from '../format/oci-schemas.ts';
import { refuseOtherLayers } from './check-layers.ts';
import { type BlobSource, type ContentSource, type FinishedContent, sourceText } from './content-source.ts';
import { type ImageFiles, readRange, readSmall } from './image-files.ts';
import { parseImageJson } from './image-json.ts';
import { jsonOrNothing, pickDescriptor, platformText, refuseOtherPlatform } from './image-platform.ts';
import { isForeignLayer, layerWarnings, refuseMislabelled, refuseOtherTypes } from './layer-types.ts';

/** The media types of a container image's manifest. */
export const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];
/** The media types of a list of such manifests, one a platform. */
export const indexTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];
/** How many lists may lead to a manifest. */
export const maxDepth = 4;

/** Opens the image that `spec` names in an OCI layout; its manifest and blobs stay byte for byte. */
export async function openOciLayout(
  files: ImageFiles,
  spec: ImageFileSpec,
  options: { isPublisherDigest: boolean },
): Promise<ContentSource> {
  const chosen = await findManifest(files, spec);
  const bytes = await readBlob(files, chosen);
  const manifest = parseImageJson(files.root, imageManifest, bytes, `manifest ${chosen.digest}`);
  const { config, layers, artifactType } = manifest;
  refuseOtherName(files.root, chosen, manifest.mediaType);
  refuseOtherTypes(files.root, config, layers);
  const configBytes = await readBlob(files, config);
  refuseOtherPlatform(files.root, spec, configBytes);
  const opened = await openLayers(files, layers, spec);
  const diffIds = refuseOtherLayers(files.root, configBytes, layers);
  const packed = opened.map((blob, index) => ({ ...blob, diffId: diffIds[index] }));
  const blobs = [await blobSource(files, config), ...packed];
  const all = [config, ...layers];
  const finished: FinishedContent = {
    made: [],
    manifest: bytes,
    mediaType: chosen.mediaType,
    ...(artifactType && { artifactType }),
    blobs: all.map((one) => ({ digest: one.digest, sizeBytes: one.size })),
  };
  return {
    kind: 'image',
    name: spec.reference,
    source: sourceText(`${files.isArchive ? 'archive' : 'OCI layout'} ${spec.path}`),
    ...(spec.licence && { licence: spec.licence }),
    isPublisherDigest: options.isPublisherDigest,
    warnings: layerWarnings(spec.reference, layers),
    blobs,
    roots: [files.root],
    madeBytes: bytes.length,
    finish: () => finished,
  };
}

/** Engines refuse a manifest whose own type differs from the one that it is served as. */
function refuseOtherName(path: string, { digest, mediaType }: Descriptor, own: string | undefined): void {
  if (own === undefined || own === mediaType) return;
  const problem = `its index lists the manifest ${digest} as ${mediaType}, and the manifest itself states ${own}`;
  throw appError('pack.image-incomplete', { path, problem });
}

async function findManifest(files: ImageFiles, spec: ImageFileSpec): Promise<Descriptor> {
  const top = await readSmall(files, 'index.json');
  let list = parseImageJson(files.root, imageIndex, top ?? Buffer.from('{}'), 'index.json').manifests;
  for (let depth = 0; depth < maxDepth; depth += 1) {
    const chosen = pickDescriptor(files.root, list, spec, depth === 0);
    await refuseAbsentPlatform(files, spec, chosen, list);
    if (manifestTypes.includes(chosen.mediaType)) return chosen;
    if (!indexTypes.includes(chosen.mediaType)) break;
    list = parseImageJson(files.root, imageIndex, await readBlob(files, chosen), `index ${chosen.digest}`).manifests;
  }
  throw appError('pack.not-an-image', { path: files.root, reason: 'its index leads to no image manifest' });
}

/** An engine that saves an index keeps its list of platforms, including those that it never pulled. */
async function refuseAbsentPlatform(
  files: ImageFiles,
  spec: ImageFileSpec,
  chosen: Descriptor,
  list: Descriptor[],
): Promise<void> {
  if (!chosen.platform || (await isWhole(files, chosen))) return;
  const found: string[] = [];
  for (const one of list) {
    if (one.platform && one.platform.os !== 'unknown' && (await isWhole(files, one)))
      found.push(platformText(one.platform));
  }
  // When its manifest exists and no other platform is whole, the missing blob is the better cause.
  if (found.length === 0 && (await files.find(blobName(chosen)))) return;
  const { reference, platform } = spec;
  throw appError('pack.platform-absent', { path: files.root, reference, platform, found: found.slice(0, 20) });
}

/** True when all blobs of a manifest exist, apart from foreign layers; a manifest that cannot be read counts as whole. */
async function isWhole(files: ImageFiles, one: Descriptor): Promise<boolean> {
  const bytes = await readSmall(files, blobName(one));
  if (!bytes) return false;
  const manifest = jsonOrNothing(bytes, imageManifest);
  const needed = manifest ? [manifest.config, ...manifest.layers].filter((blob) => !isForeignLayer(blob)) : [];
  for (const blob of needed) if (!(await files.find(blobName(blob)))) return false;
  return true;
}

async function openLayers(
  files: ImageFiles,
  layers: Descriptor[],
  { reference }: ImageFileSpec,
): Promise<BlobSource[]> {
  const opened: BlobSource[] = [];
  for (const layer of layers) {
    const { digest, urls = [] } = layer;
    if (isForeignLayer(layer) && !(await files.find(blobName(layer)))) {
      throw appError('pack.foreign-layer', { path: files.root, reference, digest, urls });
    }
    const source = await blobSource(files, layer);
    refuseMislabelled(files.root, layer, await readRange(source.range, 4));
    opened.push(source);
  }
  return opened;
}

async function blobSource(files: ImageFiles, one: Descriptor): Promise<BlobSource & { range: ByteRange }> {
  const range = await files.find(blobName(one));
  if (!range)
    throw appError('pack.image-incomplete', { path: files.root, problem: `the blob ${one.digest} is missing` });
  if (range.sizeBytes !== one.size) {
    const problem = `the blob ${one.digest} has ${range.sizeBytes} bytes and should have ${one.size}`;
    throw appError('pack.image-incomplete', { path: files.root, problem });
  }
  return { key: one.digest, digest: one.digest, range };
}

async function readBlob(files: ImageFiles, one: Descriptor): Promise<Buffer> {
  await blobSource(files, one);
  const bytes = (await readSmall(files, blobName(one))) ?? Buffer.alloc(0);
  const found = sha256Digest(bytes);
  if (found !== one.digest) throw appError('pack.source-damaged', { path: files.root, expected: one.digest, found });
  return bytes;
}

function blobName(one: Descriptor): string {
  return `blobs/${one.digest.replace(':', '/')}`;
}
