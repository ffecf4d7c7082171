import type { ImageFileSpec } from '../../../../shared/bundle-spec.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import { type Descriptor, imageIndex, imageManifest } from '../format/oci-schemas.ts';
import { findAttached } from './attached.ts';
import { refuseOtherLayers } from './check-layers.ts';
import { type BlobSource, type ContentSource, type FinishedContent, sourceText } from './content-source.ts';
import { proofFinder, provedText } from './cosign.ts';
import { type ImageFiles, readRange, readSmall } from './image-files.ts';
import { parseImageJson } from './image-json.ts';
import { jsonOrNothing, pickDescriptor, platformText, refuseOtherPlatform } from './image-platform.ts';
import { isForeignLayer, layerWarnings, refuseMislabelled, refuseOtherTypes } from './layer-types.ts';
import { blobName, blobSource, readBlob } from './layout-blobs.ts';
import { LayoutStore } from './layout-store.ts';
import { indexTypes, manifestTypes } from './manifest-types.ts';

/** How many lists may lead to a manifest. */
export const maxDepth = 4;

/** Opens the image that `spec` names in an OCI layout; its manifest and blobs stay byte for byte. */
export async function openOciLayout(
  files: ImageFiles,
  spec: ImageFileSpec,
  options: { isPublisherDigest: boolean; folder: string },
): Promise<ContentSource> {
  const rows = await readRows(files);
  const { top, chosen } = await findManifest(files, spec, rows);
  const bytes = await readBlob(files, chosen);
  const store = new LayoutStore(files, rows);
  const tops = { chosen: { ...chosen, bytes }, top: { ...top, bytes: await readBlob(files, top) } };
  const parts = await findAttached(store, tops, proofFinder(spec, options.folder, { store, ...tops }));
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
    made: parts.made,
    manifest: bytes,
    mediaType: chosen.mediaType,
    ...(artifactType && { artifactType }),
    blobs: all.map((one) => ({ digest: one.digest, sizeBytes: one.size })),
  };
  return {
    kind: 'image',
    name: spec.reference,
    source: sourceText(`${files.isArchive ? 'archive' : 'OCI layout'} ${spec.path}${provedText(parts)}`),
    ...(spec.licence && { licence: spec.licence }),
    isPublisherDigest: options.isPublisherDigest,
    warnings: layerWarnings(spec.reference, layers),
    blobs: [...blobs, ...parts.blobs],
    ...(parts.attached?.length && { attached: parts.attached }),
    notes: parts.notes ?? [],
    roots: [files.root],
    madeBytes: bytes.length + parts.madeBytes,
    finish: () => finished,
  };
}

/** Engines refuse a manifest whose own type differs from the one that it is served as. */
function refuseOtherName(path: string, { digest, mediaType }: Descriptor, own: string | undefined): void {
  if (own === undefined || own === mediaType) return;
  const problem = `its index lists the manifest ${digest} as ${mediaType}, and the manifest itself states ${own}`;
  throw appError('pack.image-incomplete', { path, problem });
}

async function readRows(files: ImageFiles): Promise<Descriptor[]> {
  const top = (await readSmall(files, 'index.json')) ?? Buffer.from('{}');
  return parseImageJson(files.root, imageIndex, top, 'index.json').manifests;
}

/** `top`: what the layout's own index lists for it, which may be a list of platforms. */
async function findManifest(
  files: ImageFiles,
  spec: ImageFileSpec,
  rows: Descriptor[],
): Promise<{ top: Descriptor; chosen: Descriptor }> {
  let list = rows;
  let top: Descriptor | undefined;
  for (let depth = 0; depth < maxDepth; depth += 1) {
    const chosen = pickDescriptor(files.root, list, spec, depth === 0);
    await refuseAbsentPlatform(files, spec, chosen, list);
    top ??= chosen;
    if (manifestTypes.includes(chosen.mediaType)) return { top, chosen };
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
