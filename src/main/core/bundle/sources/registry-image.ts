import type { ImageSpec } from '../../../../shared/bundle-spec.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import { nameAndTag } from '../../../../shared/image-reference.ts';
import { imageIndex, imageManifest } from '../format/oci-schemas.ts';
import { findAttached } from './attached.ts';
import { refuseOtherLayers } from './check-layers.ts';
import { type BlobSource, type ContentSource, sourceText } from './content-source.ts';
import { proofFinder, provedText } from './cosign.ts';
import { parseImageJson } from './image-json.ts';
import { pickDescriptor, refuseOtherPlatform } from './image-platform.ts';
import type { FetchedDocument } from './image-store.ts';
import { isForeignLayer, layerWarnings, refuseMislabelled, refuseOtherTypes } from './layer-types.ts';
import { indexTypes, manifestTypes } from './manifest-types.ts';
import { maxDepth } from './oci-layout.ts';
import { pinned } from './pins.ts';
import { Registry } from './registry.ts';
import type { RemoteSources } from './remote-sources.ts';

/**
 * Opens an image in its registry: the publisher's manifest for the wanted platform, checked with its configuration and the first bytes of
 * each layer. The layers are fetched while packing. Throws `remote.*`, and what an image in a layout is refused for.
 */
export async function openRegistryImage(
  spec: ImageSpec,
  folder: string,
  remote: RemoteSources,
): Promise<ContentSource> {
  const registry = await Registry.open(spec, remote);
  const { tag } = nameAndTag(spec.reference);
  const pinName = `${registry.name}:${tag}`;
  let top: FetchedDocument | undefined;
  const digest = await pinned(remote.pins, pinName, async () => {
    top = await registry.manifest(tag);
    return top.digest;
  });
  const first = top ?? (await registry.manifest(digest));
  const chosen = await findManifest(registry, first, spec);
  const tops = { top: first, chosen };
  const parts = await findAttached(registry, tops, proofFinder(spec, folder, { store: registry, ...tops }));
  if (parts.provedBy !== undefined) remote.say(`${spec.reference} has a signature by ${parts.provedBy}`);
  const manifest = parseImageJson(pinName, imageManifest, chosen.bytes, `manifest ${chosen.digest}`);
  const { config, layers, artifactType, mediaType = chosen.mediaType } = manifest;
  refuseOtherTypes(pinName, config, layers);
  const configBytes = await registry.small(config);
  refuseOtherPlatform(pinName, spec, configBytes);
  const diffIds = refuseOtherLayers(pinName, configBytes, layers);
  const blobs: BlobSource[] = [];
  for (const [index, layer] of layers.entries()) {
    if (isForeignLayer(layer)) {
      const { digest, urls = [] } = layer;
      throw appError('pack.foreign-layer', { path: pinName, reference: spec.reference, digest, urls });
    }
    refuseMislabelled(pinName, layer, await registry.start(layer, 4));
    blobs.push({ ...(await registry.source(layer)), diffId: diffIds[index] });
  }
  return {
    kind: 'image',
    name: spec.reference,
    source: sourceText(`registry ${registry.name}@${digest}${provedText(parts)}`),
    origins: [{ url: registry.manifestUrl(digest), digest }],
    ...(spec.licence && { licence: spec.licence }),
    isPublisherDigest: true,
    warnings: layerWarnings(spec.reference, layers),
    blobs: [...blobs, ...parts.blobs],
    ...(parts.attached?.length && { attached: parts.attached }),
    notes: parts.notes ?? [],
    roots: [],
    madeBytes: chosen.bytes.length + configBytes.length + parts.madeBytes,
    pins: [{ name: pinName, value: digest }],
    finish: () => ({
      made: [configBytes, ...parts.made],
      manifest: chosen.bytes,
      mediaType,
      ...(artifactType && { artifactType }),
      blobs: [config, ...layers].map((one) => ({ digest: one.digest, sizeBytes: one.size })),
    }),
  };
}

/** Follows lists of platforms to the one manifest. */
async function findManifest(registry: Registry, top: FetchedDocument, spec: ImageSpec): Promise<FetchedDocument> {
  let document = top;
  for (let depth = 0; depth < maxDepth; depth += 1) {
    if (manifestTypes.includes(document.mediaType)) return document;
    if (!indexTypes.includes(document.mediaType)) break;
    const { manifests } = parseImageJson(registry.name, imageIndex, document.bytes, `index ${document.digest}`);
    const { digest } = pickDescriptor(registry.name, manifests, spec, false);
    document = await registry.manifest(digest);
  }
  const reason = `its registry answers with ${document.mediaType || 'no media type'}, which is no image`;
  throw appError('pack.not-an-image', { path: registry.name, reason });
}
