/*
 * One layer in so many looks back over all, the others over a window, where nothing else says it (llama.cpp and transformers, by
 * kind of model); infinite: all have the window.
 */
const periods: Record<string, number> = {
  gemma2: 2,
  gemma3: 6,
  gemma3n: 5,
  gemma4: 6,
  'gemma4-unified': 6,
  vaultgemma: 2,
  olmo3: 4,
  exaone4: 4,
  'gpt-oss': 2,
  cohere2: 4,
  'cohere2-moe': 4,
  afmoe: 4,
  mistral: Number.POSITIVE_INFINITY,
  ministral: Number.POSITIVE_INFINITY,
  mixtral: Number.POSITIVE_INFINITY,
  phi3: Number.POSITIVE_INFINITY,
  starcoder2: Number.POSITIVE_INFINITY,
};

/**
 * How many layers look back over a window only: by a pattern that repeats (true: a window) or a period, else by the kind of model, as
 * GGUFs (`gpt-oss`) and configurations (`gpt_oss`, `gemma3_text`) call it. Undefined where none of them says it.
 */
export function slidingLayersOf(
  layers: number,
  pattern: number | readonly boolean[] | undefined,
  kind: string | undefined,
): number | undefined {
  if (Array.isArray(pattern))
    return Array.from({ length: layers }, (_, at) => pattern[at % pattern.length]).filter(Boolean).length;
  const name = kind?.replace(/_text$/, '').replaceAll('_', '-') ?? '';
  const period = typeof pattern === 'number' ? pattern : Object.hasOwn(periods, name) ? periods[name] : undefined;
  return period === undefined ? undefined : layers - Math.floor(layers / period);
}
