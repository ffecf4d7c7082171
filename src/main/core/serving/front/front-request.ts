import { z } from 'zod';
import { checkedBody } from '../openai/generation-request.ts';
import { fitMessages } from './fit-messages.ts';
import type { MappedTag } from './stable-tag.ts';

/** A request as the front sends it to the model server. */
export interface FrontRequest {
  /** Below the base URL. */
  path: `/${string}`;
  body: Record<string, unknown>;
  isStream: boolean;
  /** How many answers it requests (`n`). */
  choices: number;
  /** The client requested a usage chunk; the front always requests one for its log. */
  wantsUsage: boolean;
  /** Which tag the model server sees instead of the request's own. */
  tag?: MappedTag;
}

const tokens = z.int().min(1).nullish();
// Passed on unchanged; the model server checks it.
const anything = z.unknown().optional();
const message = z.looseObject({ role: z.string().max(32) });

// Keys of OpenAI's requests that model servers know; others (LiteLLM's and the gateway's own) are dropped.
const generation = {
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: tokens,
  temperature: anything,
  top_p: anything,
  frequency_penalty: anything,
  presence_penalty: anything,
  stop: anything,
  seed: anything,
  n: anything,
  logprobs: anything,
  logit_bias: anything,
  user: anything,
};
const chatBody = z.object({
  ...generation,
  messages: z.array(message).min(1).max(10_000),
  max_completion_tokens: tokens,
  tools: anything,
  tool_choice: anything,
  parallel_tool_calls: anything,
  response_format: anything,
  top_logprobs: anything,
  reasoning_effort: anything,
  chat_template_kwargs: anything,
  continue_final_message: anything,
  add_generation_prompt: anything,
});

const text = z.union([z.string(), z.array(z.unknown()).min(1).max(2048)]);
/** A list of numbers is one prompt in tokens, as long as the context. */
const prompt = z.union([text, z.array(z.int()).min(1)]);
const completionBody = z.object({ ...generation, prompt, suffix: anything, echo: anything, best_of: anything });
const embeddingsBody = z.object({ input: text, encoding_format: anything, dimensions: anything, user: anything });

/** The model server that a request is made fit for. */
export interface ServedModel {
  servedName: string;
  contextTokens: number;
  /** A last message of the assistant is continued only with `continue_final_message` (vLLM); other servers do so by themselves. */
  continuesByFlag: boolean;
}

/**
 * Adapts a client's request for model servers: the served model's name whatever was requested, messages as `fitMessages` makes them,
 * `tool_choice` "any" as "required", token limits within the context, no unknown keys. Throws ApiError 400 that names the field.
 */
export function frontRequest(
  given: unknown,
  { servedName, contextTokens, continuesByFlag }: ServedModel,
): FrontRequest {
  const { stream_options, max_tokens, max_completion_tokens, tool_choice, messages, ...rest } = checkedBody(
    chatBody,
    given,
  );
  const isStream = rest.stream ?? false;
  const isContinued = continuesByFlag && messages.at(-1)?.role === 'assistant';
  const body = {
    ...(isContinued && { continue_final_message: true, add_generation_prompt: false }),
    ...rest,
    model: servedName,
    messages: fitMessages(messages),
    ...clamped('max_tokens', max_tokens, contextTokens),
    ...clamped('max_completion_tokens', max_completion_tokens, contextTokens),
    ...(tool_choice !== undefined && { tool_choice: tool_choice === 'any' ? 'required' : tool_choice }),
    ...(isStream && { stream_options: { ...stream_options, include_usage: true } }),
  };
  const wantsUsage = stream_options?.include_usage ?? false;
  return { path: '/chat/completions', body, isStream, choices: choicesOf(rest.n), wantsUsage };
}

/** Adapts a text completion likewise. Throws ApiError 400 that names the field. */
export function frontCompletion(given: unknown, { servedName, contextTokens }: ServedModel): FrontRequest {
  const { stream_options, max_tokens, ...rest } = checkedBody(completionBody, given);
  const isStream = rest.stream ?? false;
  const body = {
    ...rest,
    model: servedName,
    ...clamped('max_tokens', max_tokens, contextTokens),
    ...(isStream && { stream_options: { ...stream_options, include_usage: true } }),
  };
  const wantsUsage = stream_options?.include_usage ?? false;
  return { path: '/completions', body, isStream, choices: choicesOf(rest.n) * promptsIn(rest.prompt), wantsUsage };
}

/** Adapts a request for embeddings: the served model's name, no unknown keys. Throws ApiError 400 that names the field. */
export function frontEmbeddings(given: unknown, { servedName }: ServedModel): FrontRequest {
  const body = { ...checkedBody(embeddingsBody, given), model: servedName };
  return { path: '/embeddings', body, isStream: false, choices: 1, wantsUsage: false };
}

function choicesOf(n: unknown): number {
  return Number.isInteger(n) ? Math.max(1, Number(n)) : 1;
}

/** A list of numbers is one prompt in tokens. */
function promptsIn(prompt: string | unknown[]): number {
  return Array.isArray(prompt) && typeof prompt[0] !== 'number' ? prompt.length : 1;
}

function clamped(key: string, value: number | null | undefined, limit: number): Record<string, number> {
  return typeof value === 'number' ? { [key]: Math.min(value, limit) } : {};
}
