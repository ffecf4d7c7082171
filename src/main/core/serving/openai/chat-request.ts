import { z } from 'zod';
import { issueLines } from '../../../../shared/rpc/frames.ts';
import { badRequest } from './api-error.ts';

const text = z.union([z.string(), z.array(z.object({ type: z.literal('text'), text: z.string() })).max(1000)]);
const message = z.discriminatedUnion('role', [
  z.object({ role: z.enum(['system', 'developer', 'user']), content: text }),
  z.object({
    role: z.literal('assistant'),
    content: text.nullish(),
    tool_calls: z.array(z.unknown()).max(0).nullish(),
  }),
]);
const tokens = z.int().min(1).nullish();

/** The parts of a chat completion that the embedded engine supports; unknown keys are dropped. */
const chatRequestSchema = z.object({
  messages: z.array(message).min(1).max(10_000),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: tokens,
  max_completion_tokens: tokens,
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().gt(0).max(1).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  seed: z.int().nullish(),
  stop: z.union([z.string(), z.array(z.string()).max(16)]).nullish(),
  n: z.int().nullish(),
  tool_choice: z.union([z.string(), z.looseObject({})]).nullish(),
  response_format: z.looseObject({ type: z.string() }).nullish(),
});

/** One message with its text as a single string. */
export interface ChatMessage {
  role: 'system' | 'user' | 'assistant';
  text: string;
}

/** A checked chat completion request with OpenAI's defaults filled in. */
export interface ChatRequest {
  messages: ChatMessage[];
  stream: boolean;
  includeUsage: boolean;
  maxTokens: number | undefined;
  temperature: number;
  topP: number;
  frequencyPenalty: number;
  presencePenalty: number;
  seed: number | undefined;
  stops: string[];
}

/** Checks the body of a chat completion for the embedded engine. Throws ApiError 400 that names the field. */
export function chatRequest(body: unknown): ChatRequest {
  const parsed = chatRequestSchema.safeParse(body);
  if (!parsed.success) throw badRequest(issueLines(parsed.error).join('; '), null, fieldOf(parsed.error));
  const given = parsed.data;
  refuseUnsupported(given);
  return {
    messages: given.messages.map((one) => ({
      role: one.role === 'developer' ? 'system' : one.role,
      text: flatText(one.content),
    })),
    stream: given.stream ?? false,
    includeUsage: given.stream_options?.include_usage ?? false,
    maxTokens: given.max_completion_tokens ?? given.max_tokens ?? undefined,
    temperature: given.temperature ?? 1,
    topP: given.top_p ?? 1,
    frequencyPenalty: given.frequency_penalty ?? 0,
    presencePenalty: given.presence_penalty ?? 0,
    seed: given.seed ?? undefined,
    stops: [given.stop ?? []].flat().filter((stop) => stop !== ''),
  };
}

function refuseUnsupported(given: z.infer<typeof chatRequestSchema>): void {
  if ((given.n ?? 1) !== 1) throw badRequest('This engine returns one answer per request: n must be 1.', null, 'n');
  const choice = given.tool_choice ?? 'auto';
  if (choice !== 'auto' && choice !== 'none')
    throw badRequest('This engine cannot be forced to call a tool.', 'unsupported_value', 'tool_choice');
  if ((given.response_format?.type ?? 'text') !== 'text')
    throw badRequest('This engine answers in plain text only.', 'unsupported_value', 'response_format');
}

function flatText(content: z.infer<typeof text> | null | undefined): string {
  return typeof content === 'string' ? content : (content ?? []).map((part) => part.text).join('');
}

/** The field of the first problem, as OpenAI's `param` names it. */
export function fieldOf(error: z.ZodError): string | undefined {
  return error.issues[0]?.path.map(String).join('.') || undefined;
}
