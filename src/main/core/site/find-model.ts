import { stat } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import { appError } from '../../../shared/errors/app-error.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { readImports } from '../import/import-record.ts';

/** A model of the store that an engine can load. */
export interface StoredModel {
  name: string;
  /** The GGUF file to open (the first one when the model is split), or the model's folder for engines that read safetensors. */
  path: string;
  /** Of the file at `path` as its bundle was verified at import, or of the model's manifest for a folder. */
  sha256: string;
  /** Of all files that are loaded together. */
  sizeBytes: number;
}

const needs = {
  gguf: { ending: '.gguf', missing: 'holds no .gguf file, which this engine needs' },
  safetensors: { ending: '.safetensors', missing: 'holds no .safetensors file, which engine vllm needs' },
};

/**
 * The newest imported model of that name. Its files must be there with the size they had at import; they are not read again.
 * Throws `site.model-missing` or `site.model-damaged`.
 */
export async function findModel(store: string, name: string, form: keyof typeof needs = 'gguf'): Promise<StoredModel> {
  const records = await readImports(store);
  const model = records.flatMap((record) => record.models).find((one) => one.name === name);
  if (!model || !(await exists(modelFolder(store, name)))) {
    const known = [...new Set(records.flatMap((record) => record.models.map((one) => one.name)))].sort();
    throw appError('site.model-missing', { name, known: known.filter((one) => one !== name) });
  }
  const folder = modelFolder(store, name);
  const damaged = (path: string, problem: string) => appError('site.model-damaged', { name, path, problem });
  const isWeight = (file: { path: string }) => file.path.endsWith(needs[form].ending);
  const files = model.files
    .filter((file) => form === 'safetensors' || isWeight(file))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const first = files.find(isWeight);
  if (!first) throw damaged(folder, needs[form].missing);
  for (const file of files) {
    const path = fileIn(folder, file.path);
    if (!path) throw damaged(file.path, 'lies outside the folder of the model');
    const found = await stat(path).catch(() => undefined);
    if (!found?.isFile()) throw damaged(path, 'is not there');
    if (found.size !== file.sizeBytes) throw damaged(path, `has ${found.size} bytes instead of ${file.sizeBytes}`);
  }
  const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  if (form === 'safetensors')
    return { name, path: folder, sha256: model.manifestDigest.replace('sha256:', ''), sizeBytes };
  return { name, path: fileIn(folder, first.path) ?? folder, sha256: first.sha256, sizeBytes };
}

/** The weights that the engine of a site loads; null for engine external. Throws as `findModel` does. */
export async function findWeights(store: string, { model }: SiteFile): Promise<StoredModel | null> {
  if (model.engine === 'external') return null;
  return findModel(store, model.name, model.engine === 'vllm' ? 'safetensors' : 'gguf');
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
