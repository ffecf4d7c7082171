import type { Dispatcher } from 'undici';
import { sseEvent } from '../llamacpp/chat-answer.ts';
import { apiErrorBody } from '../openai/api-error.ts';
import type { Asking } from './chat-upstream.ts';
import { StreamRepair } from './repair-stream.ts';
import { sseEvents } from './sse-events.ts';
import { asApiError, upstreamError } from './upstream.ts';
import { readEvent } from './upstream-answer.ts';

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
      record.firstEvent ??= performance.now();
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
