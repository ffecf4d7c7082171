import { basename, dirname, join } from 'node:path';
import { appError } from '../../../shared/errors/app-error.ts';
import { listFolder } from '../files/list-folder.ts';
import { isFolder } from '../files/path-exists.ts';
import { readBounded, readNamed } from '../files/read-bounded.ts';
import { configIn } from './file-names.ts';
import { fromMistralParams, isMistralParams } from './mistral-params.ts';
import { parsePythonJson } from './python-json.ts';

const limitBytes = 4 * 1024 * 1024;
/** Far more than any configuration has: a few lists with an entry for each layer. */
const limits = { depth: 32, values: 200_000 };
type Fields = Record<string, unknown>;

/** A model's configuration with Hugging Face's key names. */
export interface ModelConfig {
  path: string;
  /** The name of its folder. */
  name: string;
  data: Fields;
}

/**
 * Reads a model's configuration from a file, or from the `config.json` (otherwise Mistral's `params.json`) of a folder. Adds the
 * quantisation if only a file next to it describes that. Throws `file.*`, and `estimate.config-invalid` unless it is a JSON object.
 */
export async function readModelConfig(path: string): Promise<ModelConfig> {
  const file = (await isFolder(path)) ? join(path, (await configName(path)) ?? 'config.json') : path;
  const data = await readFields(file);
  const folder = dirname(file);
  const plain = isMistralParams(data) ? fromMistralParams(data) : data;
  return { path: file, name: basename(folder) || 'model', data: { ...(await besideIn(folder, plain)), ...plain } };
}

/** Returns whether a folder contains a model's configuration, readable or not. */
export async function hasModelConfig(folder: string): Promise<boolean> {
  return (await configName(folder)) !== undefined;
}

async function configName(folder: string): Promise<string | undefined> {
  return configIn(await listFolder(folder));
}

async function readFields(path: string): Promise<Fields> {
  const bytes = await readNamed(path, limitBytes, 'The configuration of the model');
  return fieldsOf(path, bytes);
}

function fieldsOf(path: string, bytes: Buffer): Fields {
  let data: unknown;
  try {
    data = parsePythonJson(bytes, limits);
  } catch (error) {
    throw appError('estimate.config-invalid', { path, issues: ['it is not JSON'] }, error);
  }
  if (data === null || typeof data !== 'object' || Array.isArray(data))
    throw appError('estimate.config-invalid', { path, issues: ['it is not a group of fields'] });
  return data as Fields;
}

/* Where vLLM looks when config.json has no quantization_config (`get_config_filenames` of its methods). */
const besides = [
  { file: 'hf_quant_config.json', method: 'modelopt' },
  { file: 'quantize_config.json', method: 'gptq' },
  { file: 'quant_config.json', method: 'awq' },
] as const;

async function besideIn(folder: string, data: Fields): Promise<Fields> {
  if (data.quantization_config || data.compression_config) return {};
  for (const { file, method } of besides) {
    const bytes = await readBounded(join(folder, file), limitBytes);
    if (bytes) return { quantization_config: { quant_method: method, ...fieldsOf(join(folder, file), bytes) } };
  }
  return {};
}
