import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { listFolder } from '../../files/list-folder.ts';
import { listSource, type SourceFile } from '../../files/source-folder.ts';
import { nameOfSet, servedFiles } from '../file-names.ts';
import type { GgufHeader } from '../read-gguf-header.ts';
import { checkTokenizers } from './check-tokenizers.ts';
import { checkWeights, refusePointer } from './check-weights.ts';
import { hiddenLeftovers, snapshotOf } from './hub-cache.ts';
import { judgeCompleteness, judgeModelFolder, type ModelFinding, refusal } from './judge-model-folder.ts';
import type { GgufFacts, ModelFolder } from './model-files.ts';
import { readFolderJson } from './read-folder-json.ts';
import { readPythonImports } from './read-python-imports.ts';
import { servedGguf } from './served-gguf.ts';
import { isLeftover } from './unfinished.ts';

/** A model's folder with its judgement. */
export interface JudgedModel {
  /** The real path of the folder, or of the file. */
  root: string;
  /** All files at the path. */
  files: SourceFile[];
  /** What was judged: without files that no server loads. */
  folder: ModelFolder;
  findings: ModelFinding[];
  /** The GGUF that a server opens, if it opens one: its name, and its place as the engine sees it. */
  served: { name: string; path: string } | undefined;
}

/**
 * How a folder is judged: the GGUF to serve, where that is named, and what the engine reads. `headersOnly` is for a folder whose weights are
 * not there yet: the bytes behind their headers are holes, and decide nothing.
 */
export type Asked = Pick<ModelFolder, 'serve' | 'namedIn' | 'field' | 'form'> & { headersOnly?: boolean };

/**
 * Reads and judges the model at a path: a folder, the snapshot of a Hugging Face cache, or one GGUF with its other parts. Reads
 * configurations and headers, no weights. Throws what `snapshotOf` and `listSource` throw; everything else is a finding.
 */
export async function readModelFolder(asked: string, how: Asked = {}): Promise<JudgedModel> {
  return judgeFolder(await snapshotOf(asked), how);
}

/** As `readModelFolder`, for a folder that the engine gets as it is: a cache in it is not looked into. */
export async function judgeFolder(path: string, { headersOnly, ...how }: Asked = {}): Promise<JudgedModel> {
  const { root, files, inside } = await listModel(path);
  const read = servedFiles(files);
  const listed: ModelFolder = {
    ...how,
    path,
    files: read.map(({ name, range }) => ({ name, sizeBytes: range.sizeBytes })),
    json: new Map(),
    ggufs: new Map(),
    hiddenLeftovers: await hiddenLeftovers(root),
  };
  const judged = (folder: ModelFolder, findings: ModelFinding[]): JudgedModel => {
    const name = servedGguf(folder);
    return {
      root,
      files,
      folder,
      findings,
      served: name === undefined ? undefined : { name, path: join(inside, name) },
    };
  };
  try {
    for (const file of read) await refusePointer(file);
    const [json, imports] = [await readFolderJson(read), await readPythonImports(read)];
    const withJson = { ...listed, json, imports, tokenizers: await checkTokenizers(read) };
    // Before any header is read: what is missing explains a damaged one.
    const incomplete = judgeCompleteness(withJson);
    if (incomplete.length > 0) return judged(withJson, incomplete);
    const { ggufs, ...found } = await checkWeights(read, { headersOnly });
    const facts = new Map([...ggufs].map(([name, header]) => [name, factsOf(header)]));
    const whole = { ...withJson, ...found, ggufs: facts };
    return judged(whole, judgeModelFolder(whole));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return judged(listed, [refusal(error)]);
  }
}

/** Throws the first finding that refuses. */
export function refuseBy({ findings }: Pick<JudgedModel, 'findings'>): void {
  const refused = findings.find((one) => one.severity === 'refuse');
  if (refused) throw refused.error;
}

/* Of a single file, its other parts and unfinished downloads of them belong to the model; its neighbours do not. */
async function listModel(path: string): Promise<{ root: string; files: SourceFile[]; inside: string }> {
  const { root, files } = await listSource(path);
  if ((await stat(root)).isDirectory()) return { root, files, inside: path };
  const inside = dirname(path);
  const own = basename(path);
  const names = (await listFolder(inside)).filter((name) => name !== own && belongsTo(name, own));
  for (const name of names) files.push(...(await listSource(join(inside, name))).files);
  return { root, files, inside };
}

function belongsTo(name: string, own: string): boolean {
  return nameOfSet(name) === nameOfSet(own) || (name.startsWith(`${own}.`) && isLeftover(name));
}

function factsOf({ metadata, tensorCount }: GgufHeader): GgufFacts {
  const textOf = (key: string) => String(metadata.get(key) ?? '');
  return {
    type: metadata.has('adapter.type') ? 'adapter' : textOf('general.type'),
    architecture: textOf('general.architecture'),
    parts: Number(metadata.get('split.count') ?? 1) || 1,
    ...(metadata.has('split.no') && { part: Number(metadata.get('split.no')) + 1 }),
    tensors: tensorCount,
    ...(metadata.has('split.tensors.count') && { tensorsOfAll: Number(metadata.get('split.tensors.count')) }),
  };
}
