import { z } from 'zod';
import { issueLines } from '../../../../shared/rpc/frames.ts';
import { badRequest } from './api-error.ts';

const tokens = z.int().min(1).nullish();

/** The fields that every request for generated text has in common. */
export const generationFields = {
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: tokens,
  max_completion_tokens: tokens,
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().gt(0).max(1).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  seed: z.int().nullish(),
  stop: z.union([z.string(), z.array(z.string()).max(32)]).nullish(),
  n: z.int().min(1).max(8).nullish(),
};

/** What a request for generated text says besides its prompt, with OpenAI's defaults filled in. */
export interface GenerationRequest {
  stream: boolean;
  includeUsage: boolean;
  maxTokens: number | undefined;
  temperature: number;
  topP: number;
  frequencyPenalty: number;
  presencePenalty: number;
  seed: number | undefined;
  stops: string[];
  /** How many answers (`n`). */
  choices: number;
  /** Of how many of the likeliest tokens the log probability is wanted, besides that of the chosen one; undefined for none at all. */
  topLogprobs: number | undefined;
}

type Given = z.infer<z.ZodObject<typeof generationFields>>;

/** Fills in OpenAI's defaults. Throws ApiError 400 for probabilities that the engine cannot tell. */
export function generationOf(given: Given, topLogprobs: number | undefined): GenerationRequest {
  const topP = given.top_p ?? 1;
  // The engine tells the odds among what is left of the vocabulary, and those of the model only while nothing was cut off.
  if (topLogprobs !== undefined && topP < 1)
    throw badRequest('This engine reports probabilities of tokens only with top_p 1.', 'unsupported_value', 'logprobs');
  return {
    stream: given.stream ?? false,
    includeUsage: given.stream_options?.include_usage ?? false,
    maxTokens: given.max_completion_tokens ?? given.max_tokens ?? undefined,
    temperature: given.temperature ?? 1,
    topP,
    frequencyPenalty: given.frequency_penalty ?? 0,
    presencePenalty: given.presence_penalty ?? 0,
    seed: given.seed ?? undefined,
    stops: [given.stop ?? []].flat().filter((stop) => stop !== ''),
    choices: given.n ?? 1,
    topLogprobs,
  };
}

/** Returns a body as its schema reads it. Throws ApiError 400 that names the first field that is wrong. */
export function checkedBody<S extends z.ZodType>(schema: S, body: unknown): z.infer<S> {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw badRequest(issueLines(parsed.error).join('; '), null, fieldOf(parsed.error));
  return parsed.data;
}

/** The field of the first problem, as OpenAI's `param` names it. */
function fieldOf(error: z.ZodError): string | undefined {
  return error.issues[0]?.path.map(String).join('.') || undefined;
}
