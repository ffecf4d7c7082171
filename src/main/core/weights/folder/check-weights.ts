import type { FileHandle } from 'node:fs/promises';
import { appError } from '../../../../shared/errors/app-error.ts';
import { baseOf, weightName } from '../file-names.ts';
import { type GgufHeader, readOpenGguf } from '../read-gguf-header.ts';
import { type ContentKind, contentKind, endingsOf, startBytes } from './content-kind.ts';
import { type ReadableFile, readAt, refuse, withFile } from './readable-file.ts';
import { readSafetensors } from './safetensors-header.ts';
import { type Samples, sampleWeights } from './unwritten.ts';

/** What the headers and samples of a model's weights show, by the names of their files. */
export interface ReadWeights {
  ggufs: Map<string, GgufHeader>;
  /** The names of the tensors in each safetensors file. */
  tensors: Map<string, readonly string[]>;
  samples: Map<string, Samples>;
}

const maxPointerBytes = 1024;
const pointerStart = 'version https://git-lfs.github.com/spec/';
const zipEndBytes = 22 + 65_535;
/** All shards of the largest models have some hundred thousand. */
const maxTensors = 2_000_000;

/**
 * Looks for files that no engine can load: cut safetensors and GGUF files, cut PyTorch archives, and files that are something else than
 * their name says. With `headersOnly`, nothing behind the headers is read. Throws `pack.unusable-weights`, `model.misnamed`, and as
 * `readOpenGguf`.
 */
export async function checkWeights(
  files: readonly ReadableFile[],
  { headersOnly = false }: { headersOnly?: boolean | undefined } = {},
): Promise<ReadWeights> {
  const read: ReadWeights = { ggufs: new Map(), tensors: new Map(), samples: new Map() };
  let tensors = 0;
  for (const file of files) {
    const { name, range } = file;
    if (!hasNoEnding(name) && !weightName.test(name)) continue;
    await withFile(range.path, (handle) => checkOne(file, handle, read, headersOnly));
    tensors += read.tensors.get(name)?.length ?? 0;
    if (tensors > maxTensors)
      refuse(file, `the model has more than ${maxTensors.toLocaleString('en')} tensors up to this file`);
  }
  return read;
}

/* A blob of Ollama's store has no ending. */
function hasNoEnding(name: string): boolean {
  return !baseOf(name).includes('.');
}

async function checkOne(
  file: ReadableFile,
  handle: FileHandle,
  read: ReadWeights,
  headersOnly: boolean,
): Promise<void> {
  const { name, range } = file;
  refuseOther(file, contentKind(await readAt(handle, 0, startBytes)));
  if (hasNoEnding(name)) return;
  const starts = await readStarts(file, handle, read, headersOnly);
  const samples = headersOnly ? undefined : await sampleWeights(handle, range.sizeBytes, starts);
  if (samples) read.samples.set(name, samples);
}

/** Throws `pack.unusable-weights` when a file is a Git LFS pointer instead of the content that it points to. */
export async function refusePointer(file: ReadableFile): Promise<void> {
  const { sizeBytes, path } = file.range;
  if (sizeBytes > maxPointerBytes) return;
  const start = await withFile(path, (handle) => readAt(handle, 0, Math.min(sizeBytes, pointerStart.length)));
  if (start.toString('latin1') === pointerStart) {
    refuse(file, 'it is a Git LFS pointer of a few bytes, not the weights themselves');
  }
}

function refuseOther(file: ReadableFile, kind: ContentKind | undefined): void {
  if (kind === undefined || (hasNoEnding(file.name) && kind !== 'gguf' && kind !== 'safetensors')) return;
  const ending = baseOf(file.name).split('.').at(-1)?.toLowerCase() ?? '';
  const endings = endingsOf(kind);
  if (endings.includes(ending)) return;
  if (kind === 'compressed') refuse(file, 'it is compressed, and engines load weights only as they are');
  if (kind === 'text') refuse(file, 'it is text, such as a page or an answer of a server, not weights');
  const kinds = { gguf: 'a GGUF file', safetensors: 'a safetensors file', pytorch: 'a PyTorch archive' };
  throw appError('model.misnamed', { path: file.range.path, kind: kinds[kind], ending: endings[0] ?? '' });
}

/** Returns where the file's tensors start, if its header says so. */
async function readStarts(
  file: ReadableFile,
  handle: FileHandle,
  read: ReadWeights,
  headersOnly: boolean,
): Promise<number[] | undefined> {
  const { name, range } = file;
  if (/\.gguf$/i.test(name)) {
    const header = await readOpenGguf(handle, range.path, range.sizeBytes);
    read.ggufs.set(name, header);
    return header.starts;
  }
  const isSafetensors = /\.safetensors$/i.test(name);
  if (!isSafetensors && !/\.(bin|pt|pth|ckpt)$/i.test(name)) return undefined;
  if (range.sizeBytes === 0) refuse(file, 'it is empty');
  if (!isSafetensors) {
    if (!headersOnly) await refuseCutArchive(file, handle);
    return undefined;
  }
  const found = await readSafetensors(handle, range.sizeBytes);
  if ('problem' in found) refuse(file, found.problem);
  read.tensors.set(name, found.names);
  return found.starts;
}

/** PyTorch's archives are zip files: a whole one has its directory at the end. Old pickles have no such mark and pass. */
async function refuseCutArchive(file: ReadableFile, handle: FileHandle): Promise<void> {
  const { sizeBytes } = file.range;
  if (sizeBytes < 4 || (await readAt(handle, 0, 4)).toString('latin1') !== 'PK\x03\x04') return;
  const tailBytes = Math.min(sizeBytes, zipEndBytes);
  const tail = await readAt(handle, sizeBytes - tailBytes, tailBytes);
  if (!tail.includes('PK\x05\x06')) refuse(file, 'it is a PyTorch archive whose end is missing');
}
