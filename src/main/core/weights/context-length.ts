import type { ConfigFields } from './config-fields.ts';

/* In these the number of the configuration is the stretched one already. */
const stretchedTypes = /^(su|longrope|llama3)$/;

/** The longest context as vLLM takes it from a configuration (`_get_and_verify_max_len`). */
export function contextOf(data: ConfigFields): { contextTokens?: number } {
  const { max_position_embeddings: named, rope_scaling, rope_parameters, model_type: kind } = data;
  const scaling = rope_scaling ?? rope_parameters;
  if (named === undefined) return {};
  const type = scaling?.rope_type ?? scaling?.type ?? '';
  if (!scaling || stretchedTypes.test(type) || /^gemma3/.test(kind ?? '')) return { contextTokens: named };
  const trained = type === 'yarn' ? (scaling.original_max_position_embeddings ?? named) : named;
  return { contextTokens: Math.min(Math.floor(trained * (scaling.factor ?? 1)), 268_435_456) };
}
