import { z } from 'zod';
import { issueLines } from '../../../../shared/rpc/frames.ts';
import { badRequest } from '../openai/api-error.ts';
import { fieldOf } from '../openai/chat-request.ts';
import { fitMessages } from './fit-messages.ts';
import type { MappedTag } from './stable-tag.ts';

/** A chat completion as the front sends it to the model server. */
export interface FrontRequest {
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

// Keys of OpenAI's chat completion that model servers know; others (LiteLLM's and the gateway's own) are dropped.
const clientBody = z.object({
  messages: z.array(message).min(1).max(10_000),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: tokens,
  max_completion_tokens: tokens,
  temperature: anything,
  top_p: anything,
  frequency_penalty: anything,
  presence_penalty: anything,
  stop: anything,
  seed: anything,
  n: anything,
  tools: anything,
  tool_choice: anything,
  parallel_tool_calls: anything,
  response_format: anything,
  logprobs: anything,
  top_logprobs: anything,
  logit_bias: anything,
  user: anything,
  reasoning_effort: anything,
  chat_template_kwargs: anything,
  continue_final_message: anything,
  add_generation_prompt: anything,
});

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
  const parsed = clientBody.safeParse(given);
  if (!parsed.success) throw badRequest(issueLines(parsed.error).join('; '), null, fieldOf(parsed.error));
  const { stream_options, max_tokens, max_completion_tokens, tool_choice, messages, ...rest } = parsed.data;
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
  const choices = Number.isInteger(rest.n) ? Math.max(1, Number(rest.n)) : 1;
  return { body, isStream, choices, wantsUsage: stream_options?.include_usage ?? false };
}

function clamped(key: string, value: number | null | undefined, limit: number): Record<string, number> {
  return typeof value === 'number' ? { [key]: Math.min(value, limit) } : {};
}
