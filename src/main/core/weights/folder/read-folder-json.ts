import { checkJsonShape } from '../../files/parse-json.ts';
import { readNamed } from '../../files/read-bounded.ts';
import { parsePythonJson } from '../python-json.ts';
import { weightIndex } from './missing-parts.ts';
import { type ReadableFile, refuse } from './readable-file.ts';

/* Of all files together: an index has an entry for each tensor, and the largest models have some hundred thousand. */
const maxJsonBytes = 64 * 1024 * 1024;
const maxValues = 2_000_000;
const maxDepth = 32;

/** Reads a folder's configurations and indices of weights by name. Throws `pack.unusable-weights` for one that is neither. */
export async function readFolderJson(files: readonly ReadableFile[]): Promise<Map<string, unknown>> {
  const read = new Map<string, unknown>();
  let [leftBytes, values] = [maxJsonBytes, maxValues];
  for (const file of files) {
    const { path, sizeBytes } = file.range;
    // An empty file is an unfinished download, which the judgement names.
    if (!/(config|\.index)\.json$|^params\.json$/.test(file.name) || sizeBytes === 0) continue;
    if (sizeBytes > leftBytes) refuse(file, 'it is too large for a configuration or an index of weights');
    const bytes = await readNamed(path, leftBytes, 'A configuration of the model');
    leftBytes -= bytes.length;
    try {
      const limits = { depth: maxDepth, values };
      values -= checkJsonShape(bytes, limits);
      const value = parsePythonJson(bytes, limits);
      read.set(file.name, isShardIndex(file.name) ? weightIndex.parse(value) : value);
    } catch (error) {
      refuse(file, isShardIndex(file.name) ? 'it is not a valid index of weights' : 'it is not valid JSON', error);
    }
  }
  return read;
}

function isShardIndex(name: string): boolean {
  return /\.(safetensors|bin)\.index\.json$/.test(name);
}
