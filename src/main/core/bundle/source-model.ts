import { resolve } from 'node:path';
import type { ModelSpec } from '../../../shared/bundle-spec.ts';
import { canonicalJson } from './canonical-json.ts';
import { checkWeights } from './source-check-weights.ts';
import type { ContentSource, FinishedContent } from './source-content.ts';
import { listSource, type SourceFile } from './source-folder.ts';
import { manifestMediaType, sha256Digest } from './source-oci-schemas.ts';

const artifactType = 'application/vnd.cncf.model.manifest.v1+json';
const configMediaType = 'application/vnd.cncf.model.config.v1+json';
const layerMediaTypes = {
  weight: 'application/vnd.cncf.model.weight.v1.raw',
  config: 'application/vnd.cncf.model.weight.config.v1.raw',
  doc: 'application/vnd.cncf.model.doc.v1.raw',
};
const filePathAnnotation = 'org.cncf.model.filepath';

/** Bytes of a manifest or head per file, at most: digest, types, size and a path. */
const perFileBytes = 1024;

/** Opens weights as a CNCF ModelPack artifact (https://github.com/modelpack/model-spec), one layer per file. Reads no weights. */
export async function openModel(spec: ModelSpec, folder: string): Promise<ContentSource> {
  const path = resolve(folder, spec.path);
  const { root, files } = await listSource(path);
  await checkWeights(files);
  return {
    kind: 'model',
    name: spec.name,
    source: `weights at ${spec.path}`.slice(0, 500),
    ...(spec.licence && { licence: spec.licence }),
    isPublisherDigest: false,
    blobs: files.map(({ key, range }) => ({ key, range })),
    roots: [root],
    madeBytes: 4096 + files.length * perFileBytes,
    finish: (digestOf) => finishModel(spec, files, digestOf),
  };
}

function finishModel(spec: ModelSpec, files: SourceFile[], digestOf: (key: string) => string): FinishedContent {
  const layers = files.map((file) => ({
    mediaType: layerMediaTypes[roleOf(file.name)],
    digest: digestOf(file.key),
    size: file.range.sizeBytes,
    annotations: { [filePathAnnotation]: file.name },
  }));
  const config = Buffer.from(
    canonicalJson(
      modelConfig(
        spec,
        files,
        layers.map((layer) => layer.digest),
      ),
    ),
  );
  const configBlob = { mediaType: configMediaType, digest: sha256Digest(config), size: config.length };
  const manifest = { schemaVersion: 2, mediaType: manifestMediaType, artifactType, config: configBlob, layers };
  return {
    made: [config],
    manifest: Buffer.from(canonicalJson(manifest)),
    mediaType: manifestMediaType,
    artifactType,
    blobs: [configBlob, ...layers].map(({ digest, size }) => ({ digest, sizeBytes: size })),
  };
}

function modelConfig(spec: ModelSpec, files: SourceFile[], diffIds: string[]): unknown {
  // The files' own time, not the time of packing: the same files give the same digest again.
  const newestMs = Math.max(...files.map((file) => file.range.fileMtimeMs));
  return {
    descriptor: {
      name: spec.name,
      createdAt: new Date(Math.trunc(newestMs)).toISOString(),
      vendor: spec.publisher,
      licenses: spec.licence ? [spec.licence] : undefined,
    },
    config: { format: formatOf(files) },
    modelfs: { type: 'layers', diffIds },
  };
}

function formatOf(files: SourceFile[]): string | undefined {
  const has = (ending: string) => files.some((file) => file.name.toLowerCase().endsWith(ending));
  if (has('.gguf')) return 'gguf';
  if (has('.safetensors')) return 'safetensors';
  if (has('.onnx')) return 'onnx';
  return has('.bin') || has('.pt') || has('.pth') ? 'pytorch' : undefined;
}

/** What a file of a model is, by its name. */
export function roleOf(name: string): keyof typeof layerMediaTypes {
  const base = name.slice(name.lastIndexOf('/') + 1).toLowerCase();
  if (/^(readme|licen[cs]e|notice|copying|use_policy)\b|\.(md|pdf|rst|html)$/.test(base)) return 'doc';
  if (/^(tokenizer|tekken|vocab|merges)|\.(json|jinja|ya?ml|txt|py|tiktoken|cfg|toml)$/.test(base)) return 'config';
  return 'weight';
}
