import type { ModelPathSpec, ModelSpec } from '../../../../shared/bundle-spec.ts';
import { sha256Digest } from '../../files/sha256.ts';
import type { SourceFile } from '../../files/source-folder.ts';
import { canonicalJson } from '../../signing/canonical-json.ts';
import { modelArtifactType, modelPathAnnotation, servedAnnotation, titleAnnotation } from '../format/oci-documents.ts';
import { manifestMediaType } from '../format/oci-schemas.ts';
import { type ContentSource, type FinishedContent, type NamedBlob, sourceText } from './content-source.ts';
import { openModelFolder } from './open-model-folder.ts';

const configMediaType = 'application/vnd.cncf.model.config.v1+json';
const layerMediaTypes = {
  weight: 'application/vnd.cncf.model.weight.v1.raw',
  config: 'application/vnd.cncf.model.weight.config.v1.raw',
  doc: 'application/vnd.cncf.model.doc.v1.raw',
};

/** Bytes of a manifest or head per file, at most: digest, types, size and a path twice. */
export const perFileBytes = 2048;

/** Opens weights as a CNCF ModelPack artifact (https://github.com/modelpack/model-spec), one layer per file. Reads no weights but their headers. */
export async function openModel(spec: ModelPathSpec, folder: string): Promise<ContentSource> {
  const { root, files, served, notes, packedAnyway } = await openModelFolder(spec, folder);
  return {
    kind: 'model',
    name: spec.name,
    source: sourceText(`weights at ${spec.path}`),
    ...(spec.licence && { licence: spec.licence }),
    ...(packedAnyway && { packedAnyway }),
    isPublisherDigest: false,
    blobs: files.map(({ key, range }) => ({ key, range })),
    roots: [root],
    madeBytes: 4096 + files.length * perFileBytes,
    notes,
    finish: (digestOf) =>
      finishModel({ spec, files: files.map(namedBlob), served, createdMs: newestMs(files) }, digestOf),
  };
}

/** Returns a file of a folder as an artifact names it. */
export function namedBlob({ name, key, range }: SourceFile): NamedBlob {
  return { name, key, sizeBytes: range.sizeBytes };
}

// The files' own time, not the time of packing: the same files yield the same digest again.
function newestMs(files: SourceFile[]): number {
  return Math.max(...files.map((file) => file.range.fileMtimeMs));
}

/** Returns the artifact of a model whose files have these digests. */
export function finishModel(
  facts: { spec: ModelSpec; files: NamedBlob[]; served: string | undefined; createdMs?: number },
  digestOf: (key: string) => string,
): FinishedContent {
  const { files, served } = facts;
  const layers = files.map((file) => ({
    mediaType: layerMediaTypes[roleOf(file.name)],
    digest: digestOf(file.key),
    size: file.sizeBytes,
    annotations: {
      [modelPathAnnotation]: file.name,
      // The name by which oras restores a file.
      [titleAnnotation]: file.name,
      ...(file.name === served && { [servedAnnotation]: 'true' }),
    },
  }));
  const config = Buffer.from(
    canonicalJson(
      modelConfig(
        facts,
        layers.map((layer) => layer.digest),
      ),
    ),
  );
  const configBlob = { mediaType: configMediaType, digest: sha256Digest(config), size: config.length };
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestMediaType,
    artifactType: modelArtifactType,
    config: configBlob,
    layers,
  };
  return {
    made: [config],
    manifest: Buffer.from(canonicalJson(manifest)),
    mediaType: manifestMediaType,
    artifactType: modelArtifactType,
    blobs: [configBlob, ...layers].map(({ digest, size }) => ({ digest, sizeBytes: size })),
  };
}

function modelConfig(
  { spec, files, createdMs }: { spec: ModelSpec; files: NamedBlob[]; createdMs?: number },
  diffIds: string[],
): unknown {
  return {
    descriptor: {
      name: spec.name,
      createdAt: createdMs === undefined ? undefined : new Date(Math.trunc(createdMs)).toISOString(),
      vendor: spec.publisher,
      licenses: spec.licence ? [spec.licence] : undefined,
    },
    config: { format: formatOf(files) },
    modelfs: { type: 'layers', diffIds },
  };
}

function formatOf(files: NamedBlob[]): string | undefined {
  const has = (ending: string) => files.some((file) => file.name.toLowerCase().endsWith(ending));
  if (has('.gguf')) return 'gguf';
  if (has('.safetensors')) return 'safetensors';
  if (has('.onnx')) return 'onnx';
  return has('.bin') || has('.pt') || has('.pth') ? 'pytorch' : undefined;
}

/** Returns the role of a model's file by its name. */
export function roleOf(name: string): keyof typeof layerMediaTypes {
  const base = name.slice(name.lastIndexOf('/') + 1).toLowerCase();
  if (/^(readme|licen[cs]e|notice|copying|use_policy)\b|\.(md|pdf|rst|html)$/.test(base)) return 'doc';
  if (/^(tokenizer|tekken|vocab|merges)|\.(json|jinja|ya?ml|txt|py|tiktoken|cfg|toml)$/.test(base)) return 'config';
  return 'weight';
}
