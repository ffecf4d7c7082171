import type { Dispatcher } from 'undici';
import { z } from 'zod';
import { checkJsonShape } from '../../files/parse-json.ts';
import { readBody } from '../../http/read-body.ts';
import { ApiError, type ApiErrorFacts } from '../openai/api-error.ts';
import type { Json } from '../openai/json-object.ts';
import { brokenAnswer } from './broken-answer.ts';
import { repairedWhole } from './repair-whole.ts';
import { eventData } from './sse-events.ts';
import { upstreamError } from './upstream.ts';

const maxAnswerBytes = 32 * 2 ** 20;
const maxErrorBytes = 64 * 2 ** 10;

/** Token counts, if the model server sent them. */
export interface SeenUsage {
  promptTokens?: number;
  completionTokens?: number;
}

// Counts in an unexpected shape must not lose an answer.
const usage = z
  .object({ prompt_tokens: z.number(), completion_tokens: z.number().default(0) })
  .nullish()
  .catch(null);
const wholeAnswer = z.looseObject({ choices: z.array(z.unknown()).min(1), usage });
const embeddings = z.object({ data: z.array(z.unknown()).min(1), usage });
const chunk = z.object({
  choices: z.array(z.looseObject({ index: z.int().catch(0), finish_reason: z.string().nullish() })).optional(),
  usage,
  error: z.unknown().optional(),
});

/** Reads, checks and repairs a plain answer; returns its text and its usage. Throws ApiError 502 or 503. */
export async function readWhole(answer: Dispatcher.ResponseData): Promise<{ text: string; usage: SeenUsage }> {
  const text = await readText(answer.body, maxAnswerBytes);
  const json = parsedJson(text);
  const parsed = wholeAnswer.safeParse(json);
  if (!parsed.success) throw brokenAnswer('The model server did not return a completion.');
  return { text: repairedWhole(text, json as Json), usage: seenUsage(parsed.data.usage) };
}

/** Reads and checks an answer with embeddings; returns its text as it is, and its usage. Throws ApiError 502 or 503. */
export async function readEmbeddings(answer: Dispatcher.ResponseData): Promise<{ text: string; usage: SeenUsage }> {
  const text = await readText(answer.body, maxAnswerBytes);
  const parsed = embeddings.safeParse(parsedJson(text));
  if (!parsed.success) throw brokenAnswer('The model server did not return embeddings.');
  return { text, usage: seenUsage(parsed.data.usage) };
}

/** What one event of an answer's stream means to the front. */
export interface SeenEvent {
  usage: SeenUsage;
  /** It carries only usage. */
  isUsageOnly: boolean;
  /** The choices that it ends, by their index. */
  finished: number[];
  /** It ends the whole answer, normally (`[DONE]`) or with an error of its own. */
  isEnd: boolean;
  /** It is `[DONE]`. */
  isDone: boolean;
  isError: boolean;
  /** Its data. */
  json: unknown;
}

/** Reads one server-sent event; comments are ignored. Throws ApiError 502 for data that is not JSON. */
export function readEvent(event: string): SeenEvent {
  const data = eventData(event);
  const nothing: SeenEvent = {
    usage: {},
    isUsageOnly: false,
    finished: [],
    isEnd: false,
    isDone: false,
    isError: false,
    json: undefined,
  };
  if (data === '[DONE]') return { ...nothing, isEnd: true, isDone: true };
  const json = parsedJson(data);
  if (data !== '' && json === undefined) throw brokenAnswer('The model server sent an event that is not JSON.');
  const parsed = chunk.safeParse(json);
  if (!parsed.success) return nothing;
  const { choices = [], usage: counted, error } = parsed.data;
  const isError = error !== undefined && error !== null;
  return {
    ...nothing,
    json,
    usage: seenUsage(counted),
    isUsageOnly: choices.length === 0 && counted !== undefined && counted !== null && !isError,
    finished: choices.flatMap((one) => (typeof one.finish_reason === 'string' ? [one.index] : [])),
    isEnd: isError,
    isError,
  };
}

/**
 * Turns the model server's error answer into an OpenAI error. When it refuses our own credentials that is 502, because the
 * client's key is right. `x-should-retry` of the server decides whether a retry may help; without it, no for 4xx except 408, 409
 * and 429. A prompt that is too long or that the template refuses is 400, whatever the server's status.
 */
export async function readError(answer: Dispatcher.ResponseData): Promise<ApiError> {
  const { statusCode, headers } = answer;
  if (statusCode === 401 || statusCode === 403) {
    await answer.body.dump().catch(() => undefined);
    return brokenAnswer(`The model server refused the front's credentials (${statusCode}).`, 'upstream_auth');
  }
  const given = errorFields(await readText(answer.body, maxErrorBytes).catch(() => ''));
  if (statusCode < 400) return brokenAnswer(`The model server answered with status ${statusCode}.`);
  const message = given.message ?? '';
  const isTooLong = tooLong.some((one) => one.test(message)) && [400, 413, 422, 500].includes(statusCode);
  // A prompt that the template refuses is refused again: no matter that the server calls it its own fault.
  const isTheirs = statusCode < 500 || isTooLong || templateErrors.some((one) => one.test(message));
  const status = isTooLong || (isTheirs && statusCode >= 500) ? 400 : statusCode;
  const isFinal = isTheirs && ![408, 409, 429].includes(statusCode);
  const said = statusCode === status ? headers['x-should-retry'] : undefined;
  const facts: ApiErrorFacts = {
    status,
    type: status === 429 ? 'rate_limit_error' : status < 500 ? 'invalid_request_error' : 'server_error',
    code: isTooLong ? 'context_length_exceeded' : (given.code ?? null),
    ...(given.param && { param: given.param }),
    mayRetry: said === undefined ? !isFinal : said === 'true',
    ...waitOf(headers['retry-after']),
  };
  return new ApiError(given.message ?? `The model server answered with status ${statusCode}.`, facts);
}

/** How servers say that a prompt is longer than the context: OpenAI, vLLM, llama.cpp and llama-cpp-python, TGI, TensorRT-LLM, Anthropic. */
const tooLong = [
  /context (length|size|window)|maximum context|max_model_len|max_position_embeddings/i,
  /(prompt|input|request)( length)? ?(\(\d+\) )?(is too long|exceeds (the )?max|has too many tokens)/i,
  /`?inputs`? (tokens \+ `?max_new_tokens`? )?must (be|have) (<=|less than)/i,
];

/** How llama.cpp, vLLM and Ollama say that the chat template cannot render the messages. */
const templateErrors = [
  /chat template|jinja|template (error|render)/i,
  /roles must alternate|must be at the beginning/i,
];

/** Whole seconds only: a date would depend on both clocks. */
function waitOf(header: string | string[] | undefined): Pick<ApiErrorFacts, 'retryAfterSeconds'> {
  return typeof header === 'string' && /^\d{1,4}$/.test(header) ? { retryAfterSeconds: Number(header) } : {};
}

const short = z.string().transform((text) => text.slice(0, 2000));
const code = z
  .union([z.string().max(100), z.number().transform(String)])
  .nullish()
  .catch(null);
const fields = z.object({ message: short, code, param: z.string().max(200).nullish().catch(null) });
// OpenAI, vLLM before 0.9 and FastAPI each use a different shape.
const errorShapes = z.union([
  z.object({ error: fields }).transform(({ error }) => error),
  z.object({ error: short }).transform(({ error }) => ({ message: error, code: null, param: null })),
  fields,
  z.object({ detail: short }).transform(({ detail }) => ({ message: detail, code: null, param: null })),
]);

function errorFields(text: string): { message?: string; code?: string | null; param?: string | null } {
  const parsed = errorShapes.safeParse(parsedJson(text));
  return parsed.success ? (parsed.data as { message: string }) : {};
}

function seenUsage(given: z.infer<typeof usage>): SeenUsage {
  return given ? { promptTokens: given.prompt_tokens, completionTokens: given.completion_tokens } : {};
}

/** Returns the text of an answer. Throws ApiError 502 when it is longer than `limitBytes`. */
export async function readText(body: AsyncIterable<Buffer>, limitBytes: number): Promise<string> {
  const bytes = await readBody(body, limitBytes).catch((cause) => {
    throw upstreamError(cause);
  });
  if (!bytes) throw brokenAnswer(`The model server's answer is larger than ${limitBytes} bytes.`);
  return bytes.toString('utf8');
}

/** Returns undefined for text that is not JSON, or is nested deeper than any answer: serializing that would overflow the stack. */
function parsedJson(text: string): unknown {
  try {
    checkJsonShape(Buffer.from(text), { depth: 100, values: 1_100_000 });
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
