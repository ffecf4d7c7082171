import { z } from 'zod';

/* As it was typed: whether it is a site file is judged afterwards. */
const vllmModel = z.looseObject({
  engine: z.literal('vllm'),
  name: z.string(),
  vllm: z.looseObject({ catalogId: z.undefined().optional() }).optional(),
});

/* What an earlier save wrote for vllm alone. */
const otherModel = z.looseObject({
  engine: z.enum(['llamacpp', 'external', 'ollama', 'litellm-ollama']),
  vllm: z.strictObject({ catalogId: z.string() }),
});

/**
 * The content of a site file with the row of the catalogue that was chosen, so that vLLM gets the arguments of that row. `ids` are the
 * catalogue's: a model whose name is one of them, and a file that names a row, stay as they are; with another engine the row goes.
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
