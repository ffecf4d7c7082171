import type { Dispatcher } from 'undici';
import { z } from 'zod';
import { boundedText } from '../../../shared/bounded-text.ts';
import { AppError, appError } from '../../../shared/errors/app-error.ts';
import { plainLine } from '../../../shared/plain-text.ts';
import { detailOf } from '../http/bounded-request.ts';
import { flatHeaders, readBody } from '../http/read-body.ts';
import { eventData, sseEvents } from '../serving/front/sse-events.ts';
import { jsonOf, observe } from './observation.ts';

/** A chat completion for the model behind a front. */
export interface ChatAsk {
  /** Base URL of the front, ending in /v1. */
  frontUrl: string;
  apiKey: string;
  /** The request; it is streamed, with its usage. */
  body: { model: string; messages: object[]; max_tokens: number } & Record<string, unknown>;
  correlationId: string;
  signal: AbortSignal;
}

const waitMs = 600_000;
const maxErrorChars = 2000;
const maxErrorBytes = 1024 * 1024;
const words = z.string().nullish();
const toolCall = z.object({
  index: z.int().nullish(),
  id: words,
  function: z.object({ name: words, arguments: words }).nullish(),
});
const delta = z.object({ content: words, reasoning_content: words, tool_calls: z.array(toolCall).nullish() });
const chunk = z.object({
  choices: z.array(z.object({ delta: delta.nullish(), finish_reason: words })).default([]),
  usage: z.object({ prompt_tokens: z.number(), completion_tokens: z.number() }).nullish(),
  error: z.object({ message: z.string() }).nullish(),
});
/** One event of a streamed chat completion. */
export type ChatChunk = z.infer<typeof chunk>;

/** Yields the events of a streamed answer. Throws `probe.ask-failed` with what the front says, or the signal's reason. */
export async function* streamChat(asked: ChatAsk): AsyncGenerator<ChatChunk> {
  // Loaded on first use, because most commands send no request.
  const { Agent, request } = await import('undici');
  const dispatcher = new Agent({ pipelining: 0, connections: 1, headersTimeout: waitMs, bodyTimeout: waitMs });
  try {
    const answer = await request(`${asked.frontUrl}/chat/completions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${asked.apiKey}`,
        'content-type': 'application/json',
        'x-request-id': asked.correlationId,
      },
      body: JSON.stringify({ ...asked.body, stream: true, stream_options: { include_usage: true } }),
      signal: asked.signal,
      dispatcher,
    });
    if (!isStream(answer)) throw failed(asked, await problemOf(answer), answer.statusCode);
    for await (const events of sseEvents(answer.body))
      for (const event of events) {
        const parsed = chunk.safeParse(dataOf(event));
        if (!parsed.success) continue;
        if (parsed.data.error) throw failed(asked, parsed.data.error.message);
        yield parsed.data;
      }
  } catch (error) {
    asked.signal.throwIfAborted();
    throw error instanceof AppError ? error : failed(asked, detailOf(error));
  } finally {
    await dispatcher.destroy();
  }
}

function isStream({ statusCode, headers }: Dispatcher.ResponseData): boolean {
  return statusCode === 200 && String(headers['content-type']).startsWith('text/event-stream');
}

/** What an answer says that is no stream, in the words of the probe. */
async function problemOf({ statusCode, headers, body }: Dispatcher.ResponseData): Promise<string> {
  const text = (await readBody(body, maxErrorBytes))?.toString();
  if (text === undefined) return `status ${statusCode}: the answer is too long`;
  const answer = { kind: 'answer', status: statusCode, headers: flatHeaders(headers), text, latencyMs: 0 } as const;
  const read = jsonOf(answer, observe(answer, new Date()));
  if (!('outcome' in read)) return 'the answer is not a stream';
  const { outcome } = read;
  return outcome.ok ? outcome.answer : outcome.error;
}

function dataOf(event: string): unknown {
  try {
    return JSON.parse(eventData(event));
  } catch {
    // Comments, and the [DONE] at the end.
    return undefined;
  }
}

function failed({ frontUrl }: ChatAsk, reason: string, status?: number): Error {
  const said = { frontUrl, reason: boundedText(plainLine(reason), maxErrorChars) };
  return appError('probe.ask-failed', { ...said, ...(status !== undefined && { status }) });
}
