import type { ImageSpec } from '../../../../shared/bundle-spec.ts';
import { digestOf } from '../../../../shared/digest.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import { connectEngine, engineAddress } from '../../engine/connect-engine.ts';
import { storeKindOf } from '../../engine/image-identity.ts';
import { translateEngineError } from '../../engine/translate-error.ts';
import { sha256Digest } from '../../files/sha256.ts';
import { readDiffIds, refuseOtherContent } from './check-layers.ts';
import type { ContentSource, FinishedContent } from './content-source.ts';
import { type ArchiveLayer, archiveManifest, finishArchive } from './docker-archive.ts';
import { parseImageJson } from './image-json.ts';
import { isSameReference } from './image-names.ts';
import { refuseOtherPlatform } from './image-platform.ts';
import { layerTypeOf } from './layer-types.ts';
import type { SaveResult } from './save-order.ts';

const configBytesAtMost = 256 * 1024;
/** Besides its files, a layer's tar has headers and padding, and each layer has rows in the lists. */
const perLayerBytes = 1024 * 1024;
const overheadFactor = 1.05;

/**
 * Opens an image of the local engine; nothing is read from it yet. Its manifest will be one of ours: an engine keeps no publisher's.
 * Throws `engine.*`, `pack.not-in-engine`, `pack.image-unclear` for another platform.
 */
export async function openEngineImage(spec: ImageSpec): Promise<ContentSource> {
  const engine = await connectEngine(engineAddress(undefined));
  const { reference } = spec;
  const found = await engine.docker
    .getImage(reference)
    .inspect()
    .catch((thrown: { statusCode?: number }) => {
      if (thrown.statusCode === 404) throw appError('pack.not-in-engine', { reference, address: engine.address });
      throw translateEngineError(thrown, { address: engine.address, doing: `look up ${reference}` });
    });
  const { Os: os, Architecture: architecture, Variant: variant } = found as typeof found & { Variant?: string };
  refuseOtherPlatform(
    engine.address,
    spec,
    Buffer.from(JSON.stringify({ os, architecture, variant: variant || undefined })),
  );
  const layerCount = found.RootFS.Layers?.length ?? 0;
  const configDigest = storeKindOf(engine.info) === 'graph-driver' ? found.Id : undefined;
  let saved: SaveResult | undefined;
  return {
    kind: 'image',
    name: reference,
    source: "local engine, not the publisher's digest",
    ...(spec.licence && { licence: spec.licence }),
    isPublisherDigest: false,
    blobs: [],
    saved: {
      engine: engine.address,
      reference,
      imageId: found.Id,
      estimateBytes: Math.ceil(found.Size * overheadFactor) + (layerCount + 1) * perLayerBytes,
      take: (result) => {
        saved = result;
      },
    },
    roots: [],
    madeBytes: configBytesAtMost + 4096 + layerCount * 512,
    finish: () => finishSaved(reference, saved, configDigest),
  };
}

function finishSaved(
  reference: string,
  saved: SaveResult | undefined,
  configDigest: string | undefined,
): FinishedContent {
  const all = parseImageJson(reference, archiveManifest, saved?.small.get('manifest.json'), 'manifest.json');
  const chosen = all.find((one) => one.RepoTags?.some((tag) => isSameReference(tag, reference)));
  const config = Buffer.from(saved?.small.get(chosen?.Config ?? '') ?? []);
  const diffIds = readDiffIds(reference, config, chosen?.Layers ?? []);
  if (configDigest !== undefined && sha256Digest(config) !== configDigest) {
    throw appError('pack.source-changed', { path: `the image ${reference}` });
  }
  const made: Buffer[] = [];
  const layers = (chosen?.Layers ?? []).map((name, index) => {
    const { layer, bytes } = findLayer(reference, saved, name);
    if (bytes) made.push(bytes);
    const expected = diffIds[index] ?? '';
    if (layer.mediaType.endsWith('.tar') && layer.digest !== expected) {
      throw appError('pack.source-damaged', { path: `the image ${reference}`, expected, found: layer.digest });
    }
    const unpacked = saved?.unpacked.get(saved.links.get(name) ?? name);
    if (unpacked) refuseOtherContent(reference, layer.digest, { wanted: expected, unpacked });
    return layer;
  });
  const finished = finishArchive(config, layers);
  return { ...finished, made: [...finished.made, ...made] };
}

/** A layer that was written, or a tiny one that is still in memory and must be. */
function findLayer(
  reference: string,
  saved: SaveResult | undefined,
  given: string,
): { layer: ArchiveLayer; bytes?: Buffer } {
  const name = saved?.links.get(given) ?? given;
  const blob = saved?.blobs.get(name);
  if (blob) {
    const mediaType = layerTypeOf(Buffer.from(blob.start));
    return { layer: { mediaType, digest: digestOf(blob.sha256), size: blob.sizeBytes } };
  }
  const small = saved?.small.get(name);
  if (!small) throw refuse(reference, `the layer ${given} is missing`);
  const bytes = Buffer.from(small);
  return { bytes, layer: { mediaType: layerTypeOf(bytes), digest: sha256Digest(bytes), size: bytes.length } };
}

function refuse(reference: string, problem: string): Error {
  return appError('pack.image-incomplete', { path: reference, problem });
}
