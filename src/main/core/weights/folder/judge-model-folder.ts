import { type AppError, appError } from '../../../../shared/errors/app-error.ts';
import { baseOf, configIn, folderOf, vllmWeightName } from '../file-names.ts';
import { missingParts } from './missing-parts.ts';
import type { ModelFolder } from './model-files.ts';
import { absentCode, codeElsewhere } from './remote-code.ts';
import { isAddition, isProjector, servableGgufs, servedGguf } from './served-gguf.ts';
import { spareFiles } from './spare-files.ts';
import { unfinished, unjoined } from './unfinished.ts';

/** A reason why no engine can load a model's folder as it is, or a fact to know. Code, message and remedies are the error's. */
export interface ModelFinding {
  severity: 'refuse' | 'warn';
  error: AppError;
}

/* Of engines that Sealift does not start itself. */
const externalWeight = /^(?!(.*\/)?(training_args|optimizer|scheduler)\.).*\.(bin|pt|onnx|npz|h5|msgpack|ckpt|pth)$/i;
const tokenizer =
  /^(tokenizer\.json|tekken\.json|vocab\.txt|.*vocab.*\.txt|.*\.tiktoken|.*\.model(\.v\d+.*)?|tokenizer\.tok\.json)$/i;

/**
 * Judges whether an engine can load a model's folder without network access. Reads nothing: it decides on the listing and the readings
 * alone. The findings that refuse come first, the cause before its consequences.
 */
export function judgeModelFolder(folder: ModelFolder): ModelFinding[] {
  const spare = spareFiles(folder);
  const refused = [...unloadable(folder), ...tiedToNetwork(folder)];
  const findings = [...judgeCompleteness(folder), ...refused.map(refusal)];
  if (!spare) return findings;
  const { kept, names } = spare;
  return [
    ...findings,
    { severity: 'warn', error: appError('model.carried-twice', { path: folder.path, kept, names }) },
  ];
}

/** The part of the judgement that needs no headers of GGUF files: whether everything was downloaded. */
export function judgeCompleteness(folder: ModelFolder): ModelFinding[] {
  const { path } = folder;
  const spare = new Set(spareFiles(folder)?.names);
  const left = unfinished(folder);
  const pieces = unjoined(folder);
  const missing = missingParts(folder, spare);
  const refused = [
    ...(left.length > 0 ? [appError('model.download-unfinished', { path, names: left })] : []),
    ...(pieces.length > 0 ? [appError('model.pieces-unjoined', { path, names: pieces })] : []),
    ...(missing.length > 0 ? [appError('model.parts-missing', { path, names: missing })] : []),
  ];
  return refused.map(refusal);
}

/** Returns an error as a finding that refuses. */
export function refusal(error: AppError): ModelFinding {
  return { severity: 'refuse', error };
}

function unloadable(folder: ModelFolder): AppError[] {
  const { path, files, form } = folder;
  const names = files.map((file) => file.name);
  const candidates = form === 'safetensors' ? [] : servableGgufs(folder);
  if (form !== 'safetensors') {
    const unclear = unclearGguf(folder, candidates);
    if (unclear.length + candidates.length > 0) return unclear;
  }
  const isBase = (name: string) =>
    (vllmWeightName.test(baseOf(name)) || externalWeight.test(name)) &&
    !isAdapterFile(folder, name) &&
    !isProjector(folder, name);
  const hasBase = names.some(isBase);
  if (!hasBase && names.some((name) => isAdapterFile(folder, name))) return [appError('model.adapter-only', { path })];
  const projectors = names.filter((name) => isProjector(folder, name));
  if (!hasBase && projectors.length > 0) return [appError('model.projector-only', { path, names: projectors })];
  if (!hasBase) return [appError('model.no-weights', { path })];
  const missing = form === 'gguf' ? [] : [...missingForSafetensors(names), ...kindMissing(folder)];
  return missing.length > 0 ? [appError('model.files-missing', { path, missing })] : [];
}

function unclearGguf(folder: ModelFolder, candidates: string[]): AppError[] {
  const { path, serve, namedIn } = folder;
  if (serve !== undefined && servedGguf(folder) === undefined)
    return [appError('model.served-absent', { path, serve, candidates, namedIn })];
  if (serve !== undefined || candidates.length < 2) return [];
  return [appError('model.served-unclear', { path, candidates, namedIn })];
}

function isAdapterFile(folder: ModelFolder, name: string): boolean {
  return /^adapter_(model.*|config\.json)$/i.test(baseOf(name)) || isAddition(folder, name);
}

/* vLLM reads all of it from the folder itself, not from those below it. */
function missingForSafetensors(names: readonly string[]): string[] {
  if (!names.some((name) => vllmWeightName.test(baseOf(name)))) return [];
  const root = names.filter((name) => folderOf(name) === '');
  const hasPairs = ['vocab.json', 'merges.txt'].every((name) => root.includes(name));
  return [
    ...(root.some((name) => vllmWeightName.test(name)) ? [] : ['weights (safetensors or PyTorch files)']),
    ...(configIn(root) !== undefined ? [] : ['a configuration (config.json)']),
    ...(hasPairs || root.some((name) => tokenizer.test(name)) ? [] : ['a tokenizer (such as tokenizer.json)']),
  ];
}

/* With none of these, a configuration says nothing about the model, and no loader takes it. Mistral's own form has params.json. */
function kindMissing({ files, json }: ModelFolder): string[] {
  const root = files.map((file) => file.name).filter((name) => folderOf(name) === '');
  if (!root.some((name) => vllmWeightName.test(name)) || root.includes('params.json')) return [];
  const config = json.get('config.json');
  // Also in a part, such as text_config.
  if (config === undefined || /"(model_type|architectures|num_hidden_layers|auto_map)":/.test(JSON.stringify(config)))
    return [];
  return ['a configuration that describes the model (config.json names neither its type nor its layers)'];
}

function tiedToNetwork(folder: ModelFolder): AppError[] {
  const { path } = folder;
  const elsewhere = codeElsewhere(folder);
  const absent = absentCode(folder);
  return [
    ...(elsewhere.length > 0 ? [appError('model.code-elsewhere', { path, references: elsewhere })] : []),
    ...(absent.length > 0 ? [appError('model.code-missing', { path, names: absent })] : []),
  ];
}
