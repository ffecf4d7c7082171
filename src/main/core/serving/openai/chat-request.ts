import { z } from 'zod';
import { badRequest } from './api-error.ts';
import { checkedBody, type GenerationRequest, generationFields, generationOf } from './generation-request.ts';

const text = z.union([z.string(), z.array(z.object({ type: z.literal('text'), text: z.string() })).max(1000)]);
const toolName = z
  .string()
  .regex(/^[a-zA-Z0-9_-]{1,64}$/)
  .refine((name) => name !== '__proto__');
const toolCall = z.object({
  id: z.string().min(1).max(256),
  function: z.object({ name: toolName, arguments: z.string() }),
});
const message = z.discriminatedUnion('role', [
  z.object({ role: z.enum(['system', 'developer', 'user']), content: text }),
  z.object({
    role: z.literal('assistant'),
    content: text.nullish(),
    tool_calls: z.array(toolCall).max(128).nullish(),
  }),
  z.object({ role: z.literal('tool'), content: text.nullish(), tool_call_id: z.string().min(1).max(256) }),
]);
const tool = z.object({
  type: z.literal('function'),
  function: z.object({
    name: toolName,
    description: z.string().nullish(),
    parameters: z.looseObject({}).nullish(),
    strict: z.boolean().nullish(),
  }),
});
const toolChoice = z.union([
  z.enum(['none', 'auto', 'required', 'any']),
  z.object({ type: z.literal('function'), function: z.object({ name: z.string() }) }),
]);
const responseFormat = z.discriminatedUnion('type', [
  z.object({ type: z.enum(['text', 'json_object']) }),
  z.object({ type: z.literal('json_schema'), json_schema: z.object({ schema: z.looseObject({}) }) }),
]);

/** The parts of a chat completion that the embedded engine supports; unknown keys are dropped. */
const chatRequestSchema = z.object({
  ...generationFields,
  messages: z.array(message).min(1).max(10_000),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  tools: z.array(tool).max(512).nullish(),
  tool_choice: toolChoice.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  response_format: responseFormat.nullish(),
});

/** A function that the model called; `arguments` is JSON. */
export interface ToolCall {
  id: string;
  name: string;
  arguments: string;
}

/** A function that the model may call. */
export interface ChatTool {
  name: string;
  description?: string;
  /** JSON schema of its arguments. */
  parameters?: Record<string, unknown>;
  /** A call that it is forced to must keep to that schema; without it, only as far as the engine can enforce it. */
  isStrict: boolean;
}

/** One message with its text as a single string. `callId` is that of a tool's answer. */
export type ChatMessage =
  | { role: 'system' | 'user'; text: string }
  | { role: 'assistant'; text: string; toolCalls: ToolCall[] }
  | { role: 'tool'; text: string; callId: string };

/** A checked chat completion request with OpenAI's defaults filled in. */
export interface ChatRequest extends GenerationRequest {
  messages: ChatMessage[];
  /** None when the client wants no call. */
  tools: ChatTool[];
  /** Calls that the model has to make: any, the named one, or none. */
  forcedCall: 'any' | { name: string } | undefined;
  parallelCalls: boolean;
  /** What the answer has to be: text of any kind, a JSON object, or JSON that is valid by a schema. */
  format: 'text' | 'json' | { schema: Record<string, unknown> };
}

/** Checks the body of a chat completion for the embedded engine. Throws ApiError 400 that names the field. */
export function chatRequest(body: unknown): ChatRequest {
  const given = checkedBody(chatRequestSchema, body);
  refuseUnsupported(given);
  return {
    ...generationOf(given, given.logprobs ? (given.top_logprobs ?? 0) : undefined),
    messages: given.messages.map(chatMessage),
    ...toolsOf(given),
    format: formatOf(given.response_format),
  };
}

function chatMessage(one: z.infer<typeof message>): ChatMessage {
  const flat = flatText(one.content);
  if (one.role === 'tool') return { role: 'tool', text: flat, callId: one.tool_call_id };
  if (one.role !== 'assistant') return { role: one.role === 'user' ? 'user' : 'system', text: flat };
  const toolCalls = (one.tool_calls ?? []).map(({ id, function: called }) => ({ id, ...called }));
  return { role: 'assistant', text: flat, toolCalls };
}

function formatOf(given: Given['response_format']): ChatRequest['format'] {
  if (given?.type === 'json_schema') return { schema: given.json_schema.schema };
  return given?.type === 'json_object' ? 'json' : 'text';
}

type Given = z.infer<typeof chatRequestSchema>;

function toolsOf(given: Given): Pick<ChatRequest, 'tools' | 'forcedCall' | 'parallelCalls'> {
  const choice = given.tool_choice ?? 'auto';
  const tools = (given.tools ?? []).map(({ function: { name, description, parameters, strict } }) => ({
    name,
    isStrict: strict ?? false,
    ...(description && { description }),
    ...(parameters && { parameters }),
  }));
  const parallelCalls = given.parallel_tool_calls ?? true;
  if (choice === 'none') return { tools: [], forcedCall: undefined, parallelCalls };
  if (choice === 'auto') return { tools, forcedCall: undefined, parallelCalls };
  if (tools.length === 0) throw badRequest('A tool must be called, but no tools are given.', null, 'tool_choice');
  if (typeof choice === 'string') return { tools, forcedCall: 'any', parallelCalls };
  const { name } = choice.function;
  if (!tools.some((one) => one.name === name))
    throw badRequest(`The tool to be called is not among the tools: ${name.slice(0, 64)}`, null, 'tool_choice');
  return { tools, forcedCall: { name }, parallelCalls };
}

function refuseUnsupported(given: Given): void {
  if (given.top_logprobs && !given.logprobs)
    throw badRequest('top_logprobs needs logprobs to be true.', null, 'logprobs');
  const isBound = (given.response_format?.type ?? 'text') !== 'text';
  if (isBound && (given.tools ?? []).length > 0 && given.tool_choice !== 'none')
    throw badRequest(
      'This engine cannot offer tools and be bound to JSON at once.',
      'unsupported_value',
      'response_format',
    );
}

function flatText(content: z.infer<typeof text> | null | undefined): string {
  return typeof content === 'string' ? content : (content ?? []).map((part) => part.text).join('');
}
