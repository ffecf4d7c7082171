import { stat } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import { appError } from '../../../shared/errors/app-error.ts';
import { readImports } from '../import/import-record.ts';

/** A model of the store that the embedded engine can load. */
export interface StoredModel {
  name: string;
  /** The GGUF file to open: the first one when the model is split. */
  path: string;
  /** Of the file at `path`, as its bundle was verified at import. */
  sha256: string;
  /** Of all GGUF files of the model together. */
  sizeBytes: number;
}

/**
 * The newest imported model of that name. Its files must be there with the size they had at import; they are not read again.
 * Throws `site.model-missing` or `site.model-damaged`.
 */
export async function findModel(store: string, name: string): Promise<StoredModel> {
  const records = await readImports(store);
  const model = records.flatMap((record) => record.models).find((one) => one.name === name);
  if (!model || !(await exists(modelFolder(store, name)))) {
    const known = [...new Set(records.flatMap((record) => record.models.map((one) => one.name)))].sort();
    throw appError('site.model-missing', { name, known: known.filter((one) => one !== name) });
  }
  const folder = modelFolder(store, name);
  const damaged = (path: string, problem: string) => appError('site.model-damaged', { name, path, problem });
  const files = model.files.filter((file) => file.path.endsWith('.gguf')).sort((a, b) => (a.path < b.path ? -1 : 1));
  const [first] = files;
  if (!first) throw damaged(folder, 'holds no .gguf file, which engine llamacpp needs');
  for (const file of files) {
    const path = fileIn(folder, file.path);
    if (!path) throw damaged(file.path, 'lies outside the folder of the model');
    const found = await stat(path).catch(() => undefined);
    if (!found?.isFile()) throw damaged(path, 'is not there');
    if (found.size !== file.sizeBytes) throw damaged(path, `has ${found.size} bytes instead of ${file.sizeBytes}`);
  }
  const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  return { name, path: fileIn(folder, first.path) ?? folder, sha256: first.sha256, sizeBytes };
}

/** Where a model of that name lies in the store. */
export function modelFolder(store: string, name: string): string {
  return join(store, 'models', name);
}

// Records may name files by their path in the folder or by their whole path.
function fileIn(folder: string, path: string): string | undefined {
  const whole = resolve(folder, path);
  const inside = relative(folder, whole);
  return inside !== '' && inside.split(sep)[0] !== '..' && basename(whole) !== '' ? whole : undefined;
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
