import { readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { OllamaModelSpec } from '../../../../shared/bundle-spec.ts';
import { digest, hexOf } from '../../../../shared/digest.ts';
import { type AppError, appError } from '../../../../shared/errors/app-error.ts';
import { readBounded } from '../../files/read-bounded.ts';
import { type ByteRange, listSource } from '../../files/source-folder.ts';
import { type BlobSource, type ContentSource, sourceText } from './content-source.ts';
import { readRange } from './image-files.ts';
import { jsonOrNothing } from './image-platform.ts';
import { finishModel, perFileBytes } from './model.ts';
import { nearNames } from './near-names.ts';
import { ggufHeadBytes, judgeSketch, makeSketch } from './sketch.ts';

const maxManifestBytes = 1024 * 1024;
const maxSmallBytes = 16 * 1024 * 1024;
const manifest = z.object({
  layers: z.array(z.object({ mediaType: z.string(), digest, size: z.int().nonnegative() })).max(100),
});
type Layer = z.infer<typeof manifest>['layers'][number];

/** The names that layers get as files; all else stays behind. */
const fileNames = new Map<string, (model: string) => string>(
  Object.entries({
    'application/vnd.ollama.image.model': (model) => `${model}.gguf`,
    'application/vnd.ollama.image.projector': () => 'mmproj.gguf',
    'application/vnd.ollama.image.adapter': () => 'adapter.gguf',
    'application/vnd.ollama.image.template': () => 'template.txt',
    // As Ollama called it first; it still takes it for a template.
    'application/vnd.ollama.image.prompt': () => 'template.txt',
    'application/vnd.ollama.image.system': () => 'system.txt',
    'application/vnd.ollama.image.params': () => 'params.json',
    'application/vnd.ollama.image.messages': () => 'messages.json',
    'application/vnd.ollama.image.license': () => 'LICENSE',
  }),
);

/** A layer as a file. */
interface OllamaFile {
  name: string;
  layer: Layer;
  range: ByteRange;
}

/**
 * Opens a model in Ollama's store as a GGUF with its template, parameters and licences, judged like a folder. Ollama's names are digests,
 * which are checked while copying. Throws `pack.ollama-absent`, and what a folder is refused for.
 */
export async function openOllamaModel(spec: OllamaModelSpec, folder: string): Promise<ContentSource> {
  const store = storeOf(spec, folder);
  const { layers, changedMs } = await readManifest(spec.tag, store);
  const model = spec.tag.replace(/^.*\//, '').replace(':', '-');
  const { files, unknown } = await filesOf(layers, model, spec.tag, store);
  const name = `Ollama's ${spec.tag}`;
  const sketch = await makeSketch(
    files.map((one) => ({
      name: one.name,
      sizeBytes: one.layer.size,
      head: () => readRange(one.range, ggufHeadBytes),
    })),
  );
  try {
    const judged = await judgeSketch({ ...spec, serve: spec.serve ?? `${model}.gguf` }, sketch.folder, name);
    const kept = new Set(judged.files.map((one) => one.name));
    const packed = files.filter((one) => kept.has(one.name));
    const parts = packed.map(({ name: file, layer }) => ({ name: file, key: layer.digest, sizeBytes: layer.size }));
    return {
      kind: 'model',
      name: spec.name,
      source: sourceText(`${spec.tag} in Ollama's store ${store}`),
      ...(spec.licence && { licence: spec.licence }),
      ...(judged.packedAnyway && { packedAnyway: judged.packedAnyway }),
      isPublisherDigest: false,
      blobs: packed.map(({ layer, range }): BlobSource => ({ key: layer.digest, digest: layer.digest, range })),
      roots: [store],
      madeBytes: 4096 + parts.length * perFileBytes,
      notes: [
        ...judged.notes,
        ...(unknown.length > 0 ? [`Left out of ${name}: ${unknown.join(', ')}, which Sealift does not know.`] : []),
      ],
      finish: (digestOf) => finishModel({ spec, files: parts, served: judged.served, createdMs: changedMs }, digestOf),
    };
  } finally {
    await sketch.remove();
  }
}

/** As Ollama finds it; a service has its own. */
function storeOf({ store }: OllamaModelSpec, folder: string): string {
  if (store !== undefined) return resolve(folder, store);
  return process.env.OLLAMA_MODELS || join(homedir(), '.ollama', 'models');
}

async function readManifest(tag: string, store: string): Promise<{ layers: Layer[]; changedMs: number }> {
  const path = join(store, 'manifests', ...partsOf(tag));
  const bytes = await readBounded(path, maxManifestBytes);
  if (!bytes) {
    const near = nearNames(tag, await tagsIn(store));
    throw appError('pack.ollama-absent', { name: tag, store, problem: 'it does not have that model', near });
  }
  const found = jsonOrNothing(bytes, manifest);
  if (!found)
    throw appError('pack.ollama-absent', { name: tag, store, problem: `${path} is not a manifest`, near: [] });
  return { layers: found.layers, changedMs: (await stat(path)).mtimeMs };
}

/** `host/folder/name:tag`, where host and folder may be left out. */
function partsOf(tag: string): string[] {
  const [, path = '', version = 'latest'] = /^([^:]*(?::\d+\/[^:]*)?)(?::([^:/]+))?$/.exec(tag) ?? [];
  const parts = path.split('/');
  if (parts.length === 1) parts.unshift('library');
  if (parts.length === 2) parts.unshift('registry.ollama.ai');
  return [...parts, version];
}

/** What the store has, as Ollama lists it. */
async function tagsIn(store: string): Promise<string[]> {
  const all = await readdir(join(store, 'manifests'), { recursive: true }).catch(() => []);
  const paths = all.map((one) => one.split(/[\\/]/)).filter((parts) => parts.length === 4);
  return paths.map(([host, folder, name, version]) => {
    const short = folder === 'library' ? '' : `${folder}/`;
    return `${host === 'registry.ollama.ai' ? short : `${host}/${folder}/`}${name}:${version}`;
  });
}

async function filesOf(
  layers: Layer[],
  model: string,
  tag: string,
  store: string,
): Promise<{ files: OllamaFile[]; unknown: string[] }> {
  const files: OllamaFile[] = [];
  const unknown: string[] = [];
  const counts = new Map<string, number>();
  for (const layer of layers) {
    const own = fileNames.get(layer.mediaType)?.(model);
    const isTooLarge = own !== undefined && !own.endsWith('.gguf') && layer.size > maxSmallBytes;
    if (own === undefined || isTooLarge) {
      unknown.push(layer.mediaType.slice(0, 100));
      continue;
    }
    const count = (counts.get(own) ?? 0) + 1;
    counts.set(own, count);
    const name = count === 1 ? own : own.replace(/(\.\w+)?$/, `-${count}$1`);
    files.push({ name, layer, range: await rangeOf(layer, tag, store) });
  }
  return { files, unknown };
}

async function rangeOf(layer: Layer, tag: string, store: string): Promise<ByteRange> {
  const path = join(store, 'blobs', `sha256-${hexOf(layer.digest)}`);
  const refuse = (problem: string) => appError('pack.ollama-absent', { name: tag, store, problem, near: [] });
  const listed = await listSource(path).catch((error: AppError) => {
    throw error.code === 'file.missing' ? refuse(`${path} is missing`) : error;
  });
  const range = listed.files[0]?.range;
  if (range?.sizeBytes === layer.size) return range;
  throw refuse(`${path} has ${range?.sizeBytes ?? 0} bytes instead of ${layer.size}`);
}
