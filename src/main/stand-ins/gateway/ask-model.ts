import { z } from 'zod';
import { boundedRequest, type HttpAnswer } from '../../core/http/bounded-request.ts';
import type { ModelTarget } from './model-target.ts';

/** A message for the model. */
export interface ChatMessage {
  role: 'system' | 'user';
  content: string;
}

/** The model's answer, or the fault in the gateway's wording (`404: Not Found`) with its log line. */
export type ModelAnswer =
  | { ok: true; text: string; finishReason: string }
  | { ok: false; fault: string; logLine: string };

const completion = z.object({
  choices: z
    .array(z.object({ message: z.object({ content: z.string().nullish() }), finish_reason: z.string().nullish() }))
    .min(1)
    .max(16),
});
const idleLimitMs = 60_000;

/**
 * Sends one real request to the model server. The real gateway retries for up to 45 s when the server is down or fails; this
 * stand-in reports the first fault at once.
 */
export async function askModel(target: ModelTarget, messages: ChatMessage[], maxTokens: number): Promise<ModelAnswer> {
  const answer = await boundedRequest({
    method: 'POST',
    url: target.url,
    headers: { authorization: `Bearer ${target.apiKey}`, 'x-stainless-read-timeout': String(idleLimitMs / 1000) },
    json: { model: target.model, messages, max_tokens: maxTokens, temperature: 0 },
    timeoutMs: idleLimitMs,
  });
  if (answer.kind === 'answer' && answer.status === 200) return readCompletion(answer.text);
  return { ok: false, fault: faultOf(answer), logLine: logLineOf(answer) };
}

function readCompletion(text: string): ModelAnswer {
  try {
    const [choice] = completion.parse(JSON.parse(text)).choices;
    return { ok: true, text: choice?.message.content ?? '', finishReason: choice?.finish_reason ?? 'stop' };
  } catch {
    return {
      ok: false,
      fault: '500: Internal Server Error',
      logLine: `Custom_openaiException - unusable answer: ${text.slice(0, 200)}`,
    };
  }
}

const reasons: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  408: 'Request Timeout',
  422: 'Unprocessable Entity',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
};

function faultOf(answer: HttpAnswer): string {
  const status = answer.kind === 'answer' ? answer.status : answer.failure === 'timeout' ? 408 : 500;
  return `${status}: ${reasons[status] ?? 'Internal Server Error'}`;
}

function logLineOf(answer: HttpAnswer): string {
  if (answer.kind === 'failure')
    return `Custom_openaiException - Connection error. (${answer.failure}, ${answer.detail})`;
  return `Custom_openaiException - Error code: ${answer.status} - ${answer.text.slice(0, 300)}`;
}
