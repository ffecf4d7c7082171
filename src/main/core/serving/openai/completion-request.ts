import { z } from 'zod';
import { badRequest } from './api-error.ts';
import { checkedBody, type GenerationRequest, generationFields, generationOf } from './generation-request.ts';

/** The parts of a text completion that the embedded engine supports; unknown keys are dropped. */
const completionRequestSchema = z.object({
  ...generationFields,
  prompt: z.union([z.string(), z.array(z.string()).length(1)]),
  suffix: z.string().nullish(),
  echo: z.boolean().nullish(),
  best_of: z.int().nullish(),
  logprobs: z.int().min(0).max(5).nullish(),
});

/** OpenAI's default for text completions, which chats do not have. */
const usualTokens = 16;

/** A checked text completion request. */
export interface CompletionRequest extends GenerationRequest {
  prompt: string;
  /** What comes after the text that is to be written; undefined for a prompt that is only continued. */
  suffix: string | undefined;
}

/** Checks the body of a text completion for the embedded engine. Throws ApiError 400 that names the field. */
export function completionRequest(body: unknown): CompletionRequest {
  const given = checkedBody(completionRequestSchema, body);
  if (given.echo) throw badRequest('This engine does not repeat the prompt.', 'unsupported_value', 'echo');
  const choices = given.n ?? 1;
  if ((given.best_of ?? choices) !== choices)
    throw badRequest(
      'This engine returns every answer that it writes: best_of must be n.',
      'unsupported_value',
      'best_of',
    );
  const asked = generationOf(given, given.logprobs ?? undefined);
  return {
    ...asked,
    maxTokens: asked.maxTokens ?? usualTokens,
    prompt: [given.prompt].flat().join(''),
    // An empty suffix says that nothing follows.
    suffix: given.suffix || undefined,
  };
}
