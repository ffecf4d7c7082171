import { stat } from 'node:fs/promises';
import { basename, relative, resolve, sep } from 'node:path';
import { hexOf } from '../../../shared/digest.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import { isElsewhere, type ModelSite, modelField, modelSites } from '../../../shared/model-sites.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { pathExists } from '../files/path-exists.ts';
import { nameOfSet, vllmWeightName } from '../weights/file-names.ts';
import { judgeFolder, refuseBy } from '../weights/folder/read-model-folder.ts';
import type { ImportRecord } from './import-record.ts';
import { readImports } from './read-imports.ts';
import { modelFolder } from './store-paths.ts';

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

/** What the engine reads, and the GGUF that the site serves. */
interface Wanted {
  form?: 'gguf' | 'safetensors';
  serve?: string | undefined;
  /** How people find the fields of the site file that name the model, and its GGUF. Default: those of `model`. */
  fields?: { name: string; serve: string };
}

const missingForm = {
  gguf: 'holds no .gguf file, which this engine needs',
  safetensors: 'holds no .safetensors file or other weights that engine vllm loads',
};

/**
 * Finds the newest imported model of that name and judges its folder as packing does. Its files must exist with the size they had at
 * import; only configurations and headers are read again. Throws `site.model-missing`, `site.model-damaged`, and what the judgement refuses.
 */
export async function findModel(store: string, name: string, wanted: Wanted = {}): Promise<StoredModel> {
  const { form = 'gguf', fields = { name: 'model.name', serve: 'model.serve' } } = wanted;
  const records = await readImports(store);
  const model = records.flatMap((record) => record.models).find((one) => one.name === name);
  const folder = modelFolder(store, name);
  if (!model || !(await pathExists(folder))) {
    const known = [...new Set(records.flatMap((record) => record.models.map((one) => one.name)))].sort();
    throw appError('site.model-missing', { name, known: known.filter((one) => one !== name), field: fields.name });
  }
  await checkSizes(name, folder, model.files);
  const serve = wanted.serve ?? model.served;
  const judged = await judgeFolder(folder, { serve, namedIn: 'site.yaml', field: fields.serve, form });
  refuseBy(judged);
  const { served } = judged;
  const files = form === 'gguf' ? partsOfSet(folder, model, served?.name) : safetensorsFiles(model);
  const [first] = files;
  if (!first) throw appError('site.model-damaged', { name, path: folder, problem: missingForm[form] });
  const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  if (form === 'gguf') return { name, path: served?.path ?? folder, sha256: first.sha256, sizeBytes };
  return { name, path: folder, sha256: hexOf(model.manifestDigest), sizeBytes };
}

type RecordedModel = ImportRecord['models'][number];

async function checkSizes(name: string, folder: string, files: RecordedModel['files']): Promise<void> {
  const damaged = (path: string, problem: string) => appError('site.model-damaged', { name, path, problem });
  for (const file of files) {
    const path = fileIn(folder, file.path);
    if (!path) throw damaged(file.path, 'is outside the folder of the model');
    const found = await stat(path).catch(() => undefined);
    if (!found?.isFile()) throw damaged(path, 'is missing');
    if (found.size !== file.sizeBytes) throw damaged(path, `has ${found.size} bytes instead of ${file.sizeBytes}`);
  }
}

/** The served GGUF with its other parts, first part first. */
function partsOfSet(folder: string, { files }: RecordedModel, served: string | undefined): RecordedModel['files'] {
  const setOf = (path: string) => nameOfSet(relative(folder, resolve(folder, path)).replaceAll(sep, '/'));
  return files.filter(({ path }) => setOf(path) === served).sort(byPath);
}

function safetensorsFiles({ files }: RecordedModel): RecordedModel['files'] {
  return files.some(({ path }) => vllmWeightName.test(path)) ? files : [];
}

function byPath(a: { path: string }, b: { path: string }): number {
  return a.path < b.path ? -1 : 1;
}

/** Finds the weights that the engine of a site's model loads; null for a model that no import brings. Throws as `findModel` does. */
export async function findWeights(store: string, site: ModelSite): Promise<StoredModel | null> {
  const { engine, name, serve } = site.model;
  if (isElsewhere(site.model)) return null;
  const form = engine === 'vllm' ? 'safetensors' : 'gguf';
  const fields = { name: modelField(site, 'name'), serve: modelField(site, 'serve') };
  return findModel(store, name, { form, serve, fields });
}

// Records may name files by their path in the folder or by their whole path.
function fileIn(folder: string, path: string): string | undefined {
  const whole = resolve(folder, path);
  const inside = relative(folder, whole);
  return inside !== '' && inside.split(sep)[0] !== '..' && basename(whole) !== '' ? whole : undefined;
}

/** A model of a site, and its weights in the store; null where no import brings them. */
export interface ModelWeights {
  site: ModelSite;
  weights: StoredModel | null;
}

/** Finds the weights of each model of a site, in the order of the site file. Throws as `findModel` does, for the first model that is wrong. */
export async function findAllWeights(store: string, site: SiteFile): Promise<ModelWeights[]> {
  const found: ModelWeights[] = [];
  for (const one of modelSites(site)) found.push({ site: one, weights: await findWeights(store, one) });
  return found;
}
