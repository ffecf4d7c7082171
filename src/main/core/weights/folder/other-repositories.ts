import { folderOf } from '../file-names.ts';
import type { ModelFolder } from './model-files.ts';

/* Parts of a model that a loader fetches by these keys: LLaVA's and VILA's towers, Ultravox's models. */
const part =
  /^(mm_)?(vision|visual|image|video|audio|speech|text|language|llm)_(tower|encoder|model|backbone)(_id|_name|_path|_name_or_path)?$/;
/* As `owner/name`; a name with more slashes, or a dot first, is a path. */
const repository = /^[\w-][\w.-]*\/[\w-][\w.-]*$/;

/** Returns the repositories from which an engine fetches a part of the model, each with the key of `config.json` that names it. */
export function partsElsewhere({ json, files }: ModelFolder): string[] {
  const config = json.get('config.json');
  const isInside = (path: string) => files.some(({ name }) => folderOf(name).startsWith(`${path}/`));
  const found = namedParts(config, '').filter(({ value }) => repository.test(value) && !isInside(value));
  return [...new Set(found.map(({ key, value }) => `${value} (${key})`))].sort();
}

function namedParts(value: unknown, group: string, depth = 0): { key: string; value: string }[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || depth > 3) return [];
  return Object.entries(value).flatMap(([key, one]) => {
    if (typeof one !== 'string') return namedParts(one, key, depth + 1);
    // A speculator names the model that it drafts for: vLLM loads that one.
    return part.test(key) || (group === 'verifier' && key === 'name_or_path') ? [{ key, value: one }] : [];
  });
}
