import { readNamed } from '../../files/read-bounded.ts';
import { isFields } from '../language-part.ts';
import { parsePythonJson } from '../python-json.ts';
import type { ModelFolder } from './model-files.ts';
import { type ReadableFile, refuse } from './readable-file.ts';

/** The largest tokenizers have about 40 MiB. */
const limitBytes = 128 * 1024 * 1024;
/* Each merge of two tokens is a list: Gemma 3 has 2 million values. */
const shape = { depth: 32, values: 6_000_000 };
const json = /^(tokenizer|tekken|vocab|added_tokens)\.json$/;
const binary = /^[^/]*(\.model(\.v\d+)?|\.tiktoken)$/;

/**
 * Looks for tokenizer files that were cut, or that are a page or answer which a server sent in their place. Returns those without a
 * vocabulary. Throws `pack.unusable-weights`. An empty file is an unfinished download, which the judgement names.
 */
export async function checkTokenizers(files: readonly ReadableFile[]): Promise<NonNullable<ModelFolder['tokenizers']>> {
  const found = [];
  for (const file of files) {
    const { path, sizeBytes } = file.range;
    if ((!json.test(file.name) && !binary.test(file.name)) || sizeBytes === 0 || sizeBytes > limitBytes) continue;
    const bytes = await readNamed(path, limitBytes, 'A tokenizer file');
    if (/^\s*</.test(bytes.toString('latin1', 0, 100))) refuse(file, 'it is a web page, not a tokenizer');
    if (json.test(file.name)) found.push(...withoutVocabulary(file, parsed(file, bytes)));
    else if (/^\s*\{\s*"/.test(bytes.toString('latin1', 0, 100))) refuse(file, 'it is JSON, not a tokenizer');
  }
  return found;
}

function parsed(file: ReadableFile, bytes: Buffer): unknown {
  try {
    return parsePythonJson(bytes, shape);
  } catch (error) {
    refuse(file, 'it is not valid JSON', error);
  }
}

function withoutVocabulary({ name }: ReadableFile, value: unknown): { name: string; isBlank: boolean }[] {
  if (name === 'added_tokens.json') return [];
  const isBlank = isFields(value) && Object.keys(value).length === 0;
  const tokens =
    name === 'vocab.json' ? value : name === 'tekken.json' ? at(value, 'vocab') : at(at(value, 'model'), 'vocab');
  const hasTokens = typeof tokens === 'object' && tokens !== null && Object.keys(tokens).length > 0;
  return hasTokens ? [] : [{ name, isBlank }];
}

function at(value: unknown, key: string): unknown {
  return isFields(value) ? value[key] : undefined;
}
