import type { Dispatcher } from 'undici';
import { sseEvent } from '../llamacpp/answer-form.ts';
import { apiErrorBody } from '../openai/api-error.ts';
import { isObject } from '../openai/json-object.ts';
import type { Asking } from './chat-upstream.ts';
import type { FrontRequest } from './front-request.ts';
import { StreamRepair } from './repair-stream.ts';
import type { RequestRecord } from './request-log.ts';
import { sseEvents } from './sse-events.ts';
import { asApiError, upstreamError } from './upstream.ts';
import { readEvent } from './upstream-answer.ts';

const tokenFields = ['content', 'reasoning_content', 'reasoning', 'tool_calls'];

/** False for the chunk that opens a stream, which many servers send before they have computed anything. */
function hasToken(chunk: unknown): boolean {
  const choices: unknown[] = isObject(chunk) && Array.isArray(chunk.choices) ? chunk.choices : [];
  return choices.filter(isObject).some(({ delta, text }) => {
    return isToken(text) || (isObject(delta) && tokenFields.some((field) => isToken(delta[field])));
  });
}

function isToken(value: unknown): boolean {
  return (typeof value === 'string' || Array.isArray(value)) && value.length > 0;
}

/** How far the answer to a request is. */
class Passing {
  readonly #asked: FrontRequest;
  readonly #record: RequestRecord;
  readonly #repair: StreamRepair;
  readonly #finished = new Set<number>();
  #hadUsage = false;
  hasEnded = false;

  constructor({ asked, record }: Asking) {
    this.#asked = asked;
    this.#record = record;
    this.#repair = new StreamRepair(asked.tag);
  }

  /** Returns what the client gets for an event; nothing for one that is held back. */
  passed(event: string): string {
    const seen = readEvent(event);
    const record = this.#record;
    if (seen.usage.promptTokens !== undefined) record.usage = seen.usage;
    record.hasFailed ||= seen.isError;
    for (const index of seen.finished) this.#finished.add(index);
    this.hasEnded ||= seen.isEnd || this.#finished.size >= this.#asked.choices;
    this.#hadUsage ||= seen.isUsageOnly;
    if (seen.isDone || (seen.isUsageOnly && !this.#asked.wantsUsage)) return '';
    const passed = this.#repair.event(event, seen.json) ?? '';
    if (record.firstToken === undefined && hasToken(passed === event ? seen.json : readEvent(passed).json))
      record.firstToken = performance.now();
    return passed;
  }

  /** Returns the events after the last one of a complete answer. */
  end(): string {
    const { usageChunk } = this.#repair;
    const isUsageMissing = this.#asked.wantsUsage && !this.#hadUsage && usageChunk;
    return `${isUsageMissing ? sseEvent(usageChunk) : ''}${sseEvent('[DONE]')}`;
  }
}

/**
 * Yields the events of the model server's answer as they arrive (several at once are one piece), repaired as `StreamRepair` does, with
 * usage only if the client wants it, and `[DONE]` in the end. An answer that fails or breaks off ends with an error event, which
 * clients treat as a failure.
 */
export async function* passedEvents(answer: Promise<Dispatcher.ResponseData>, asking: Asking): AsyncGenerator<string> {
  const { record, gone } = asking;
  const passing = new Passing(asking);
  let ready = '';
  try {
    for await (const events of sseEvents((await answer).body)) {
      for (const event of events) ready += passing.passed(event);
      const piece = ready;
      ready = '';
      if (piece !== '') yield piece;
    }
    if (!passing.hasEnded) throw upstreamError(new Error('the stream ended without a finish reason'));
  } catch (error) {
    if (gone.aborted) return;
    // What came before the fault belongs to the answer.
    if (ready !== '') yield ready;
    if (!passing.hasEnded) {
      record.hasFailed = true;
      yield sseEvent(apiErrorBody(asApiError(error)));
      return;
    }
  }
  if (!record.hasFailed) yield passing.end();
}
