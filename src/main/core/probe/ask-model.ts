import { randomUUID } from 'node:crypto';
import { boundedText } from '../../../shared/bounded-text.ts';
import type { AskItem } from '../../../shared/contract/probe.ts';
import { plainLine } from '../../../shared/plain-text.ts';
import { type ChatAsk, streamChat } from './stream-chat.ts';

/** A question for the model behind a front. */
export interface Question extends Pick<ChatAsk, 'frontUrl' | 'apiKey' | 'signal'> {
  servedName: string;
  question: string;
  maxTokens: number;
}

/**
 * Yields a model's answer as it is written, then one item with its figures. Throws `probe.ask-failed` with what the front says, or the
 * signal's reason.
 */
export async function* askModel({ servedName, question, maxTokens, ...front }: Question): AsyncGenerator<AskItem> {
  const started = performance.now();
  const correlationId = randomUUID();
  const end: Extract<AskItem, { type: 'end' }> = { type: 'end', correlationId, totalMs: 0 };
  const body = { model: servedName, messages: [{ role: 'user', content: question }], max_tokens: maxTokens };
  for await (const { choices, usage } of streamChat({ ...front, body, correlationId })) {
    if (usage) Object.assign(end, { promptTokens: usage.prompt_tokens, completionTokens: usage.completion_tokens });
    for (const { delta, finish_reason } of choices) {
      if (finish_reason) end.finishReason = boundedText(plainLine(finish_reason), 100);
      for (const [text, isThinking] of [[delta?.reasoning_content, true] as const, [delta?.content, false] as const]) {
        if (!text) continue;
        end.firstTokenMs ??= Math.round(performance.now() - started);
        yield { type: 'text', correlationId, text, isThinking };
      }
    }
  }
  yield { ...end, totalMs: Math.round(performance.now() - started) };
}
