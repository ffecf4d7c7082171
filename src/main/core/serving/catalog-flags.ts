import type { SiteFile } from '../../../shared/site-file.ts';
import type { CatalogModel } from '../catalog/model-catalog.ts';

/** What a row of the catalogue asks of the vLLM that serves a site's model. */
export interface CatalogFlags {
  /** The row; `isKnown` is false where the site file names one that is not there. */
  id: string;
  isKnown: boolean;
  /** Arguments by their names, those for which the folder has the files; switches have an empty value. */
  given: ReadonlyMap<string, string>;
  /** Arguments for files that the folder has not. */
  leftOut: string[];
  minimumVersion?: string | undefined;
  source?: string | undefined;
}

/* What vLLM reads in Mistral's own form (vLLM: config parser, default loader and tokenizer "mistral"). */
const mistralFiles: Record<string, RegExp> = {
  '--config-format': /^params\.json$/,
  '--load-format': /^consolidated.*\.safetensors$/,
  '--tokenizer-mode': /^(tekken.*\.json|tokenizer\.model\.v.*)$/,
};

/**
 * What the catalogue asks for a site's model: by the row that the site file names, else by the row of the model's own name; undefined
 * for a model that is none of the catalogue's. `files` are the names in the model's folder: a folder holds Mistral's own form whole or
 * not at all, and the arguments for it go together.
 */
export function catalogFlags(
  models: readonly CatalogModel[],
  { name, vllm }: SiteFile['model'],
  files: readonly string[],
): CatalogFlags | undefined {
  const id = vllm?.catalogId ?? name;
  const row = models.find((one) => one.id === id);
  if (!row) return vllm?.catalogId === undefined ? undefined : { id, isKnown: false, given: new Map(), leftOut: [] };
  const { flags = [], minimumVersion, source } = row.vllm ?? {};
  const asked = flags.map((flag) => flag.split(' ')).map(([key = '', value = '']) => [key, value] as const);
  const isForm = ([key, value]: readonly [string, string]) => value === 'mistral' && key in mistralFiles;
  const hasForm = asked.filter(isForm).every(([key]) => files.some((file) => mistralFiles[key]?.test(file)));
  return {
    id,
    isKnown: true,
    given: new Map(asked.filter((one) => hasForm || !isForm(one))),
    leftOut: hasForm ? [] : asked.filter(isForm).map(([key]) => key),
    minimumVersion,
    source,
  };
}
