import type { Dispatcher } from 'undici';
import { z } from 'zod';
import { sseEvent } from '../llamacpp/answer-form.ts';
import { apiErrorBody } from '../openai/api-error.ts';
import type { Asking } from './chat-upstream.ts';
import { StreamRepair } from './repair-stream.ts';
import { sseEvents } from './sse-events.ts';
import { asApiError, upstreamError } from './upstream.ts';
import { readEvent } from './upstream-answer.ts';

const token = z.union([z.string().min(1), z.array(z.unknown()).min(1)]);
const delta = z.union([
  z.object({ content: token }),
  z.object({ reasoning_content: token }),
  z.object({ reasoning: token }),
  z.object({ tool_calls: token }),
]);
const firstToken = z.object({ choices: z.array(z.union([z.object({ delta }), z.object({ text: token })])) });

/** False for the chunk that opens a stream, which many servers send before they have computed anything. */
function hasToken(json: unknown): boolean {
  return firstToken.safeParse(json).success;
}

/**
 * Yields the events of the model server's answer as they arrive, repaired as `StreamRepair` does, with usage only if the client wants
 * it, and `[DONE]` in the end. An answer that fails or breaks off ends with an error event, which clients treat as a failure.
 */
export async function* passedEvents(
  answer: Promise<Dispatcher.ResponseData>,
  { asked, record, gone }: Asking,
): AsyncGenerator<string> {
  const repair = new StreamRepair(asked.tag);
  const finished = new Set<number>();
  const had = { end: false, usage: false };
  try {
    for await (const event of sseEvents((await answer).body)) {
      const seen = readEvent(event);
      record.usage = { ...record.usage, ...seen.usage };
      record.hasFailed ||= seen.isError;
      for (const index of seen.finished) finished.add(index);
      had.end ||= seen.isEnd || finished.size >= asked.choices;
      had.usage ||= seen.isUsageOnly;
      if (seen.isDone || (seen.isUsageOnly && !asked.wantsUsage)) continue;
      const passed = repair.event(event, seen.json);
      if (passed === undefined) continue;
      if (record.firstToken === undefined && hasToken(readEvent(passed).json)) record.firstToken = performance.now();
      yield passed;
    }
    if (!had.end) throw upstreamError(new Error('the stream ended without a finish reason'));
  } catch (error) {
    if (gone.aborted) return;
    if (!had.end) {
      record.hasFailed = true;
      yield sseEvent(apiErrorBody(asApiError(error)));
      return;
    }
  }
  if (record.hasFailed) return;
  if (asked.wantsUsage && !had.usage && repair.usageChunk) yield sseEvent(repair.usageChunk);
  yield sseEvent('[DONE]');
}
