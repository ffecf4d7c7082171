import { z } from 'zod';

const running = z.object({
  models: z
    .array(z.object({ name: z.string(), model: z.string().optional(), context_length: z.int().positive().optional() }))
    .max(1000),
});

/** The path below the base URL, which ends in /v1, where Ollama lists the models that it has loaded. */
export const runningPath = '/../api/ps';
/** The path below the base URL for embeddings in Ollama's own form, which has a field against cutting. */
export const embedPath = '/../api/embed';

/**
 * Returns with which context Ollama has loaded a model, from its list of loaded models. `not-loaded`: it says so once it has loaded it;
 * `not-reported`: it has loaded it, and is too old to say. Undefined for an answer that is not Ollama's.
 */
export function ollamaContext(answer: string, model: string): number | 'not-loaded' | 'not-reported' | undefined {
  const read = running.safeParse(parsed(answer));
  if (!read.success) return undefined;
  const isIt = (name: string | undefined) => name === model || name === `${model}:latest`;
  const found = read.data.models.find((one) => isIt(one.name) || isIt(one.model));
  return found ? (found.context_length ?? 'not-reported') : 'not-loaded';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
