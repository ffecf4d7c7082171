import { type AppError, appError } from '../../../../shared/errors/app-error.ts';
import { baseOf, configIn, folderOf, vllmWeightName } from '../file-names.ts';
import { missingParts } from './missing-parts.ts';
import { mixedShards, unlistedTensors } from './mixed-shards.ts';
import type { ModelFolder } from './model-files.ts';
import { partsElsewhere } from './other-repositories.ts';
import { absentCode, codeElsewhere } from './remote-code.ts';
import { isAddition, isProjector, servableGgufs, servedGguf } from './served-gguf.ts';
import { type SpareFiles, spareFiles } from './spare-files.ts';
import { unfinished, unjoined } from './unfinished.ts';
import { unwritten } from './unwritten.ts';

/** A reason why no engine can load a model's folder as it is, or a fact to know. Code, message and remedies are the error's. */
export interface ModelFinding {
  severity: 'refuse' | 'warn';
  error: AppError;
}

/* Of engines that Sealift does not start itself. */
const externalWeight = /\.(bin|pt|onnx|npz|h5|msgpack|ckpt|pth)$/i;
const tokenizer =
  /^(tokenizer\.json|tekken\.json|vocab\.txt|.*vocab.*\.txt|.*\.tiktoken|.*\.model(\.v\d+.*)?|tokenizer\.tok\.json)$/i;

/**
 * Judges whether an engine can load a model's folder without network access. Reads nothing: it decides on the listing and the readings
 * alone. The findings that refuse come first, the cause before its consequences.
 */
export function judgeModelFolder(folder: ModelFolder): ModelFinding[] {
  const spare = spareFiles(folder);
  const refused = [...contradictory(folder, spare), ...unloadable(folder), ...tiedToNetwork(folder)];
  const findings = [...judgeCompleteness(folder), ...refused.map(refusal)];
  const doubted = findings.length === 0 ? doubts(folder, spare) : [];
  const twice = spare ? [appError('model.carried-twice', { path: folder.path, ...spare })] : [];
  return [...findings, ...[...doubted, ...twice].map(warning)];
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

function warning(error: AppError): ModelFinding {
  return { severity: 'warn', error };
}

/** Returns an error as a finding that refuses. */
export function refusal(error: AppError): ModelFinding {
  return { severity: 'refuse', error };
}

/* What the headers and samples show of a folder that has all its files. */
function contradictory(folder: ModelFolder, spare: SpareFiles | undefined): AppError[] {
  const { path } = folder;
  const mixed = mixedShards(folder, new Set(spare?.names));
  const zeros = zerosIn(folder, spare, 'surely');
  return [
    ...(mixed.length > 0 ? [appError('model.shards-mixed', { path, names: mixed })] : []),
    ...(zeros.length > 0 ? [appError('model.zeros', { path, names: zeros })] : []),
  ];
}

function doubts(folder: ModelFolder, spare: SpareFiles | undefined): AppError[] {
  const { path, tokenizers = [] } = folder;
  const unlisted = unlistedTensors(folder);
  const zeros = zerosIn(folder, spare, 'doubtful');
  const blank = needsTokenizer(folder) ? tokenizers.filter((one) => one.isBlank).map((one) => one.name) : [];
  return [
    ...(unlisted.length > 0 ? [appError('model.tensors-unlisted', { path, names: unlisted })] : []),
    ...(zeros.length > 0 ? [appError('model.zeros', { path, names: zeros })] : []),
    ...(blank.length > 0 ? [appError('model.vocabulary-missing', { path, names: blank })] : []),
  ];
}

function zerosIn(
  { samples = new Map() }: ModelFolder,
  spare: SpareFiles | undefined,
  doubt: 'surely' | 'doubtful',
): string[] {
  return [...samples].flatMap(([name, one]) =>
    !spare?.names.includes(name) && unwritten(one) === doubt ? [`${name} (${one.zeros} of ${one.count} samples)`] : [],
  );
}

function unloadable(folder: ModelFolder): AppError[] {
  const { path, files, form } = folder;
  const names = files.map((file) => file.name);
  const candidates = ggufsToServe(folder);
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
  if (missing.length > 0) return [appError('model.files-missing', { path, missing })];
  const tokenizers = needsTokenizer(folder) ? (folder.tokenizers ?? []).filter((one) => !one.isBlank) : [];
  if (tokenizers.length === 0) return [];
  return [appError('model.vocabulary-missing', { path, names: tokenizers.map((one) => one.name) })];
}

function ggufsToServe(folder: ModelFolder): string[] {
  return folder.form === 'safetensors' ? [] : servableGgufs(folder);
}

function needsTokenizer({ files, form }: ModelFolder): boolean {
  return form !== 'gguf' && files.some(({ name }) => vllmWeightName.test(name));
}

function unclearGguf(folder: ModelFolder, candidates: string[]): AppError[] {
  const { path, serve, namedIn, field } = folder;
  const named = { namedIn, ...(field !== undefined && { field }) };
  if (serve !== undefined && servedGguf(folder) === undefined)
    return [appError('model.served-absent', { path, serve, candidates, ...named })];
  if (serve !== undefined || candidates.length < 2) return [];
  return [appError('model.served-unclear', { path, candidates, ...named })];
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

/* With none of these, a configuration says nothing about the model, and no loader takes it. */
function kindMissing({ files, json }: ModelFolder): string[] {
  const root = files.map((file) => file.name).filter((name) => folderOf(name) === '');
  if (!root.some((name) => vllmWeightName.test(name))) return [];
  // Also in a part, such as text_config.
  const describes = (name: string, keys: RegExp) => keys.test(JSON.stringify(json.get(name) ?? ''));
  if (describes('config.json', /"(model_type|architectures|num_hidden_layers|auto_map)":/)) return [];
  if (describes('params.json', /"(dim|n_layers)":/)) return [];
  const name = configIn(root);
  return name === undefined || !json.has(name)
    ? []
    : [`a configuration that describes the model (${name} names neither its type nor its layers)`];
}

function tiedToNetwork(folder: ModelFolder): AppError[] {
  const { path } = folder;
  // llama.cpp reads the GGUF alone, and no configuration next to it.
  if (ggufsToServe(folder).length > 0) return [];
  const elsewhere = codeElsewhere(folder);
  const absent = absentCode(folder);
  const parts = partsElsewhere(folder);
  return [
    ...(parts.length > 0 ? [appError('model.parts-elsewhere', { path, references: parts })] : []),
    ...(elsewhere.length > 0 ? [appError('model.code-elsewhere', { path, references: elsewhere })] : []),
    ...(absent.length > 0 ? [appError('model.code-missing', { path, names: absent })] : []),
  ];
}
