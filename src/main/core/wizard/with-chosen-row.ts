import { z } from 'zod';

/* As typed: the content is checked as a site file later. */
const vllmModel = z.looseObject({
  engine: z.literal('vllm'),
  name: z.string(),
  vllm: z.looseObject({ catalogId: z.undefined().optional() }).optional(),
});

/* A row that an earlier save wrote for vLLM. */
const otherModel = z.looseObject({
  engine: z.enum(['llamacpp', 'external', 'ollama', 'litellm-ollama']),
  vllm: z.strictObject({ catalogId: z.string() }),
});

/**
 * Returns the content of a site file with the chosen row of the catalog, so that vLLM gets that row's arguments. `ids` are the
 * catalog's: a model with one of these names and a file that names a row stay as they are. With another engine, the row is removed.
 */
export function withChosenRow(
  content: Record<string, unknown>,
  chosenId: string | undefined,
  ids: readonly string[],
): Record<string, unknown> {
  const other = otherModel.safeParse(content.model).data;
  if (other) return { ...content, model: { ...other, vllm: undefined } };
  const { data: model } = vllmModel.safeParse(content.model);
  if (!model || chosenId === undefined || !ids.includes(chosenId) || ids.includes(model.name)) return content;
  return { ...content, model: { ...model, vllm: { ...model.vllm, catalogId: chosenId } } };
}
