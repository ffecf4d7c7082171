import type { SiteModel } from '../../../../shared/site-file.ts';
import type { CatalogModel } from '../../catalog/model-catalog.ts';

/** The vLLM arguments that a row of the catalogue asks for. */
export interface CatalogFlags {
  /** Id of the row; `isKnown` is false when the site file names a row that does not exist. */
  id: string;
  isKnown: boolean;
  /** Arguments by name whose files are in the folder; switches have an empty value. */
  given: ReadonlyMap<string, string>;
  /** Arguments left out because their files are missing from the folder. */
  leftOut: string[];
  minimumVersion?: string | undefined;
  source?: string | undefined;
}

/* The files that vLLM reads in Mistral's own format (vLLM: config parser, default loader and tokenizer "mistral"). */
const mistralFiles: Record<string, RegExp> = {
  '--config-format': /^params\.json$/,
  '--load-format': /^consolidated.*\.safetensors$/,
  '--tokenizer-mode': /^(tekken.*\.json|tokenizer\.model\.v.*)$/,
};

/**
 * Returns the arguments that the catalogue asks for: from the row that the site file names, else from the row with the model's
 * name; undefined for a model without a row. `files` are the names in the model's folder. The arguments for Mistral's own format
 * go together, so they are left out unless the folder has all of its files.
 */
export function catalogFlags(
  models: readonly CatalogModel[],
  { name, vllm }: SiteModel,
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
